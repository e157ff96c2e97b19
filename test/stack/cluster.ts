import { clusterDaemons } from "./cluster_daemons.ts";
import { createControl } from "./control.ts";
import { endServers } from "./end_servers.ts";
import { createParts, type Parts } from "./parts.ts";
import { startServers } from "./start_servers.ts";
import type { StackUrls } from "./urls.ts";
import { withSite } from "./with_site.ts";

/** The servers that a drive stands on, as far as it needs them. */
export type ClusterServers = Pick<StackUrls, "mysql" | "replica" | "redis" | "amqp" | "s3">;

export interface ClusterOptions {
  /** The folder of the gateways, workers and nginx: that of the servers, or one of its own. At most 80 bytes long. */
  dir: string;
  servers: ClusterServers;
  /** How many gateways, each with a process of workers beside its spool; 2 by default. */
  gateways?: number;
  /** nginx's port, the first time that this folder is used; another one when that is taken. */
  port?: number;
  /** Further configuration of every gateway and worker; `WORKERS` names the workers to run. */
  env?: Record<string, string>;
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** A drive of many processes. Its daemons are `gateway-1` …, `worker-1` …, and `nginx`. */
export interface Cluster extends Parts {
  /** The front's URL. */
  nginx: string;
  /** Each gateway's own. */
  gateways: string[];
  /** Each node's folder, shared by its gateway and its workers. */
  dataDirs: string[];
  /** Ends, in order, what this start has started. */
  stop(): Promise<void>;
}

/**
 * Starts the drive on servers that run, and waits until all of it is ready.
 *
 * @throws {Error} when something does not start, after what was started has been ended.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  return await withSite(options.dir, async (site) => {
    const { urls, dataDirs, nodes, nginx } = await clusterDaemons(site, options);
    // Side by side: nginx needs none of the gateways to start.
    const groups = [...nodes, nginx];
    const started = await startServers(createControl(site.dir, options.signal), groups, options.log);
    const control = createControl(site.dir);
    const stop = () => withSite(site.dir, () => endServers(control, started));
    return { ...urls, dataDirs, ...(await createParts(control, groups.flat())), stop };
  });
}
