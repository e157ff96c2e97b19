import { rm } from "node:fs/promises";
import { join } from "node:path";

import { startStack } from "../../../test/stack/mod.ts";
import { fillMysql } from "./fill_mysql.ts";
import { fillSqlite } from "./fill_sqlite.ts";
import type { Owners } from "./rows.ts";

/** A catalog on an engine of its own, that is filled while no drive has it open. */
export interface BulkCatalog extends AsyncDisposable {
  engine: string;
  /** Of a drive that is to use it. */
  env: Record<string, string>;
  /** Adds files `from` to `to`. @returns bytes of the catalog. */
  fill(owners: Owners, from: number, to: number): Promise<number>;
}

/** A drive must have made it before it is filled. Below `folder`, and gone when it is disposed of. */
export async function startSqliteCatalog(folder: string): Promise<BulkCatalog> {
  const dataDir = join(folder, "sqlite-data");
  return {
    engine: "SQLite",
    env: { DATA_DIR: dataDir },
    fill: (owners, from, to) => fillSqlite(join(dataDir, "catalog.sqlite"), owners, from, to),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }),
  };
}

/** The same on the MariaDB of the tests, with a buffer pool of 256 MB, and with Redis: a primary alone. */
export async function startMysqlCatalog(folder: string): Promise<BulkCatalog> {
  await using ending = new AsyncDisposableStack();
  const servers = await startStack({ dir: join(folder, "servers"), servers: ["mysql", "redis"], log: () => {} });
  ending.defer(() => servers.stop());
  // The rows do not go through the binary log, without which it could not follow the writes that come after.
  await servers.kill("replica");
  const { pathname } = new URL(servers.mysql);
  const started = ending.move();
  return {
    engine: "MariaDB",
    env: { DATA_DIR: join(folder, "mysql-data"), DATABASE_URL: servers.mysql, REDIS_URL: servers.redis },
    fill: (owners, from, to) => fillMysql(servers.root.mysql + pathname, owners, from, to),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
