import { join } from "node:path";

import { type Cluster, type S3Access, startCluster, startStack } from "../../test/stack/mod.ts";
import type { Server } from "./server.ts";
import { usageOf } from "./usage.ts";

/** The whole cluster on real servers, with the defaults of production. `url` is the front's; all of it is told together. */
export interface BenchCluster extends Server {
  gateways: string[];
  s3: S3Access;
}

const log = () => {};

export async function startBenchCluster(folder: string): Promise<BenchCluster> {
  const servers = await startStack({ dir: join(folder, "servers"), log });
  const cluster: Cluster = await startCluster({ dir: join(folder, "cluster"), servers, log }).catch(async (error: unknown) => {
    await servers.stop();
    throw error;
  });
  return {
    url: cluster.nginx,
    gateways: cluster.gateways,
    s3: servers.s3,
    usage: async () => {
      const usages = await Promise.all(Object.values(cluster.pids).map(usageOf));
      const sum = (key: keyof (typeof usages)[number]) => usages.reduce((total, usage) => total + usage[key], 0);
      return { cpuSeconds: sum("cpuSeconds"), rssBytes: sum("rssBytes"), peakBytes: sum("peakBytes") };
    },
    [Symbol.asyncDispose]: async () => {
      await cluster.stop();
      await servers.stop();
    },
  };
}
