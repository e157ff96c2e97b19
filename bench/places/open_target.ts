import { settleMs } from "../support/cluster.ts";
import { honoFloor, nginxFloor } from "./floors.ts";
import type { Places } from "./place.ts";

/**
 * A drive that runs already (`target`): what its processes take is not known, and it keeps nothing of the bench. Its own limits
 * hold, on streams, sign-ins and `/metrics`.
 */
export function openTarget(url: string, folder: string): Places {
  const place = {
    name: "target",
    about: url,
    url: url.replace(/\/+$/, ""),
    usages: async () => ({}),
    floors: async (constant: Parameters<typeof honoFloor>[1]) => [
      await honoFloor(folder, constant),
      ...(Bun.which("nginx", { PATH: `${process.env["PATH"]}:/usr/sbin` }) ? await nginxFloor(folder, constant) : []),
    ],
    roundTrips: {},
    settleMs,
    stays: true,
  };
  return { places: [place], [Symbol.asyncDispose]: async () => {} };
}
