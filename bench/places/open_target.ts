import { settleMs } from "../support/cluster.ts";
import { honoFloor, nginxFloor } from "./floors.ts";
import type { Place, Places } from "./place.ts";

/**
 * A drive that runs already (`target`): what its processes take is not known, and it keeps nothing of the bench. Its own limits
 * hold, on streams, sign-ins and `/metrics`.
 */
export function openTarget(url: string, folder: string): Places {
  const hasNginx = Bun.which("nginx", { PATH: `${process.env["PATH"]}:/usr/sbin` }) !== null;
  const place: Place = {
    name: "target",
    about: url,
    url: url.replace(/\/+$/, ""),
    usages: async () => ({}),
    floors: {
      hono: (constant) => honoFloor(folder, constant),
      ...(hasNginx && { nginx: (constant) => nginxFloor(folder, constant) }),
    },
    roundTrips: {},
    settleMs,
    stays: true,
  };
  return { places: [place], [Symbol.asyncDispose]: async () => {} };
}
