import { Database } from "bun:sqlite";
import { stat } from "node:fs/promises";

import { bulkInserts, type Owners } from "./rows.ts";

/**
 * Adds files `from` to `to` to a drive's SQLite catalog that nobody has open. Indexes are taken away before and made anew, by
 * sorting, after.
 *
 * @returns bytes of the catalog.
 */
export async function fillSqlite(path: string, owners: Owners, from: number, to: number): Promise<number> {
  using database = new Database(path);
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = OFF");
  database.run("PRAGMA cache_size = -500000");
  database.run("BEGIN");
  const indexes = database
    .query<{ name: string; sql: string }, []>(
      "select name, sql from sqlite_master where tbl_name in ('files','blobs') and type = 'index' and sql is not null",
    )
    .all();
  for (const { name } of indexes) database.run(`drop index \`${name}\``);
  for (const { sql, values } of bulkInserts(owners, from, to)) database.run(sql, values);
  for (const { sql } of indexes) database.run(sql);
  database.run("COMMIT");
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  return (await stat(path)).size;
}
