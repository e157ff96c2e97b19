import { join } from "node:path";

import { type Config } from "#lib/config/mod.ts";

import type { Catalog } from "./catalog.ts";
import { type CatalogLog, silentLog } from "./catalog_log.ts";
import type { Recency } from "./recency.ts";
import { openSqlite } from "./sqlite.ts";

export interface CatalogOptions {
  /** Who wrote of late; without it, nothing is read from replicas. */
  recency?: Recency | undefined;
  /** Hears once of each replica that is left out or taken back. */
  log?: CatalogLog;
}

type CatalogConfig = Pick<Config, "DATA_DIR" | "DATABASE_URL"> &
  Partial<Pick<Config, "DATABASE_REPLICA_URLS" | "DATABASE_POOL" | "DATABASE_TIMEOUT">>;

/**
 * Opens the catalog that the configuration names, migrated to the newest schema.
 *
 * @throws {AppError} `invalid-request` or `unavailable`, naming the variable and no secret, when MySQL cannot be used.
 */
export async function openCatalog(config: CatalogConfig, { recency, log = silentLog }: CatalogOptions = {}): Promise<Catalog> {
  const { DATABASE_URL: url, DATABASE_REPLICA_URLS: replicaUrls = [] } = config;
  if (url === undefined) return openSqlite(join(config.DATA_DIR, "catalog.sqlite"));
  const { DATABASE_POOL: pool = 8, DATABASE_TIMEOUT: timeoutMs = 5000 } = config;
  // Loaded where it is used: the embedded drive need not hold the client in memory.
  const { openMysql } = await import("./mysql.ts");
  return await openMysql({ url, replicaUrls, pool, timeoutMs, recency, log });
}
