import { settleMs, startBenchCluster } from "../support/cluster.ts";
import type { Constant } from "../support/constant.ts";
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
  const nginx = (constant: Constant) => nginxFloor(folder, constant);
  const places: Place[] = [
    {
      ...shared,
      name: "cluster",
      about: "one gateway of the cluster, directly",
      url: drive.gateways[0] ?? drive.url,
      floors: { hono: (constant) => honoFloor(folder, constant), nginx },
    },
    {
      ...shared,
      name: "cluster-front",
      about: "the cluster through nginx",
      url: drive.url,
      floors: { hono: (constant) => honoBehindFront(folder, drive.gateways.length, constant), nginx },
    },
  ];
  return { places, [Symbol.asyncDispose]: () => drive[Symbol.asyncDispose]() };
}
