import type { Catalog, Queries } from "../catalog.ts";
import type { CatalogLog } from "../catalog_log.ts";
import type { Recency } from "../recency.ts";
import type { Address } from "./address.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createLinks } from "./links.ts";
import { followReplica } from "./replica.ts";
import { splitReads } from "./split_reads.ts";

export interface ReplicasOptions {
  primary: { address: Address; db: Queries };
  replicas: Address[];
  /** Connections to each replica, besides one to look at it. */
  pool: number;
  timeoutMs: number;
  recency: Recency;
  log: CatalogLog;
}

/** For what looks after replicas: it neither waits for others nor hangs for long. */
const aside = { limit: 1, timeoutMs: 1000 };
/** Epoch milliseconds that never go back, whatever happens to the machine's clock. */
const clock = () => performance.timeOrigin + performance.now();

/** Follows the replicas. A statement has half its time there, so that the primary can be asked in the other half. */
export function openReplicas(options: ReplicasOptions): Required<Pick<Catalog, "read" | "mayLag" | "close">> {
  const { primary, pool, timeoutMs, recency, log } = options;
  const beatLinks = createLinks(primary.address, aside);
  const heartbeat = startHeartbeat(beatLinks, clock);
  const replicas = options.replicas.map((address) => {
    const links = createLinks(address, { limit: pool, timeoutMs: Math.ceil(timeoutMs / 2), readOnly: true });
    const lookLinks = createLinks(address, { ...aside, readOnly: true });
    return { links: [links, lookLinks], ...followReplica({ host: address.host, links, lookLinks, heartbeat, clock, log }) };
  });
  return {
    ...splitReads({ primary: primary.db, replicas, recency, log }),
    close: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await heartbeat.stop();
      await Promise.all([beatLinks, ...replicas.flatMap((replica) => replica.links)].map((links) => links.close()));
    },
  };
}
