import { settleMs, startBenchCluster } from "../support/cluster.ts";
import { honoBehindFront, honoFloor, nginxFloor, wideLimits } from "./floors.ts";
import { wideEnv } from "./open_drive.ts";
import type { Place, Places } from "./place.ts";

/** The cluster on real servers: one of its two gateways asked directly (`cluster`), and all through nginx (`cluster-front`). */
export async function openCluster(folder: string): Promise<Places> {
  const drive = await startBenchCluster(folder, {
    ...wideEnv,
    NGINX_SIGN_INS_PER_SECOND: String(wideLimits.signInsPerSecond),
    NGINX_SIGN_IN_BURST: String(wideLimits.signInBurst),
    NGINX_CONNECTIONS_PER_CLIENT: "0",
  });
  const { mysql, redis } = drive;
  const shared = {
    usages: () => drive.usages(),
    roundTrips: { select: mysql, insert: mysql, get: redis },
    settleMs,
    stays: false,
  };
  const places: Place[] = [
    {
      ...shared,
      name: "cluster",
      about: "one gateway of the cluster, directly",
      url: drive.gateways[0] ?? drive.url,
      floors: async (constant) => [await honoFloor(folder, constant), ...(await nginxFloor(folder, constant))],
    },
    {
      ...shared,
      name: "cluster-front",
      about: "the cluster through nginx",
      url: drive.url,
      floors: async (constant) => [
        await honoBehindFront(folder, drive.gateways.length, constant),
        ...(await nginxFloor(folder, constant)),
      ],
    },
  ];
  return { places, [Symbol.asyncDispose]: () => drive[Symbol.asyncDispose]() };
}
