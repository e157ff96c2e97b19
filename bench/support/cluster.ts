import { join } from "node:path";

import { type Cluster, type S3Access, startCluster, startStack } from "../../test/stack/mod.ts";
import { familyUsage } from "./family.ts";
import type { Server } from "./server.ts";
import { usageSum } from "./usage_sum.ts";

/** The whole cluster on real servers, with the defaults of production. `url` is the front's; its usage is that of all of them. */
export interface BenchCluster extends Server {
  gateways: string[];
  s3: S3Access;
  mysql: string;
  redis: string;
}

/** How long after a change whoever made it is served otherwise than others, from the primary: a change counts as recent for 5 s. */
export const settleMs = 6000;

const log = () => {};

/** @param gateways how many, each with a process of workers beside it. */
export async function startBenchCluster(folder: string, env: Record<string, string> = {}, gateways = 2): Promise<BenchCluster> {
  const servers = await startStack({ dir: join(folder, "servers"), log });
  const cluster: Cluster = await startCluster({ dir: join(folder, "cluster"), servers, gateways, env, log }).catch(
    async (error: unknown) => {
      await servers.stop();
      throw error;
    },
  );
  const usages = async () => {
    const pids = Object.entries({ ...servers.pids, ...cluster.pids });
    return Object.fromEntries(await Promise.all(pids.map(async ([name, pid]) => [name, await familyUsage(pid)] as const)));
  };
  return {
    url: cluster.nginx,
    gateways: cluster.gateways,
    s3: servers.s3,
    mysql: servers.mysql,
    redis: servers.redis,
    usages,
    usage: async () => usageSum(Object.values(await usages())),
    [Symbol.asyncDispose]: async () => {
      await cluster.stop();
      await servers.stop();
    },
  };
}
