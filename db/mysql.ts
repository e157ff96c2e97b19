import type { Catalog } from "./catalog.ts";
import type { CatalogLog } from "./catalog_log.ts";
import { readAddress } from "./mysql/address.ts";
import { checkLinks } from "./mysql/check.ts";
import { createLinks } from "./mysql/links.ts";
import { createPatience } from "./mysql/patience.ts";
import { prepareDatabase } from "./mysql/prepare.ts";
import { overPrimary } from "./mysql/primary.ts";
import { openReplicas } from "./mysql/replicas.ts";
import type { Recency } from "./recency.ts";

export interface MysqlOptions {
  url: string;
  replicaUrls: string[];
  /** Connections to each server; replicas need two more, one on the primary and one on each. */
  pool: number;
  /** For each statement, and for waiting until a connection is free. */
  timeoutMs: number;
  /** Without it, nothing is read from replicas. */
  recency?: Recency | undefined;
  log: CatalogLog;
}

/**
 * The engine of a cluster: MySQL 8 or MariaDB, one primary and any number of replicas.
 *
 * What passes, such as a restart or a deadlock, is tried again for ten seconds; what cannot be done then fails as
 * {@link AppError} `unavailable`, with the seconds to wait.
 *
 * @throws {AppError} `invalid-request` or `unavailable`, naming the variable and no secret, when the primary cannot be
 * used. A replica may be away: it is read from once it is there.
 */
export async function openMysql(options: MysqlOptions): Promise<Catalog> {
  const { url, replicaUrls, pool, timeoutMs, recency, log } = options;
  const address = readAddress("DATABASE_URL", url);
  const replicas = replicaUrls.map((replicaUrl) => readAddress("DATABASE_REPLICA_URLS", replicaUrl));
  await prepareDatabase(address);
  const links = createLinks(address, { limit: pool, timeoutMs });
  const primary = overPrimary(links, createPatience());
  const split =
    recency && replicas.length > 0
      ? openReplicas({ primary: { address, db: primary.db }, replicas, pool, timeoutMs, recency, log })
      : undefined;
  return {
    engine: "mysql",
    ...primary,
    read: split?.read ?? ((_userId, run) => run(primary.db)),
    ...(split && { mayLag: split.mayLag }),
    check: (signal) => checkLinks(links, signal),
    close: async () => {
      await split?.close();
      await links.close();
    },
  };
}
