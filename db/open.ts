import { join } from "node:path";

import { type Config } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Catalog } from "./catalog.ts";
import { openSqlite } from "./sqlite.ts";

/** Opens the catalog that the configuration names, migrated to the newest schema. */
export async function openCatalog(config: Pick<Config, "DATABASE_URL" | "DATA_DIR">): Promise<Catalog> {
  if (config.DATABASE_URL !== undefined) {
    throw new AppError("invalid-request", "DATABASE_URL: MySQL is not supported by this version; leave it unset");
  }
  return openSqlite(join(config.DATA_DIR, "catalog.sqlite"));
}
