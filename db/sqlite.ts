import { Database, type SQLQueryBindings } from "bun:sqlite";

import { drizzle } from "drizzle-orm/mysql-proxy";
import { migrate } from "drizzle-orm/mysql-proxy/migrator";

import { asSqlite } from "./as_sqlite.ts";
import type { Catalog } from "./catalog.ts";
import { dataVersion } from "./data_version.ts";
import { type Exclusively, groupCommit } from "./group_commit.ts";
import * as schema from "./schema.ts";

const migrationsFolder = new URL("./migrations", import.meta.url).pathname;

/**
 * The embedded engine: SQLite under drizzle's MySQL dialect, by its proxy driver. Two connections: reads go to
 * one, writes and transactions to the other, one at a time, so that a read never sees inside a transaction that
 * awaits something; those that wait share a commit (see {@link groupCommit}). Several processes may open one file (the gateway
 * and workers beside it).
 */
export async function openSqlite(path: string): Promise<Catalog> {
  const writer = connect(path);
  const inside = driver(writer, writer, (run) => run());
  const reader = connect(path);
  reader.run("PRAGMA query_only = ON");
  const version = dataVersion(reader);
  const exclusively = groupCommit(writer, () => version.forget());
  await exclusively(() => migrate(inside, (queries) => runAll(writer, queries), { migrationsFolder }));
  const db = driver(reader, writer, exclusively);
  return {
    engine: "sqlite",
    db,
    read: (_userId, run) => run(db),
    version: () => version.now(),
    sharesCommits: true,
    transaction: (run) => exclusively(() => run(inside)),
    check: async () => void reader.query("SELECT 1").get(),
    close: async () => {
      await exclusively(async () => {});
      reader.close();
      writer.close();
    },
  };
}

function connect(path: string): Database {
  const database = new Database(path);
  database.run("PRAGMA busy_timeout = 5000");
  database.run("PRAGMA journal_mode = WAL");
  // A spool file goes once its row says "stored": a row that a power cut takes back would point at nothing.
  database.run("PRAGMA synchronous = FULL");
  return database;
}

function driver(reader: Database, writer: Database, exclusively: Exclusively) {
  return drizzle(
    async (sql, params: SQLQueryBindings[], method) => {
      if (method === "all") return { rows: reader.query(asSqlite(sql)).values(...params) };
      const run = async () => ({ rows: [{ affectedRows: writer.query(asSqlite(sql)).run(...params).changes }] });
      return exclusively(run, true);
    },
    { schema },
  );
}

async function runAll(database: Database, queries: string[]): Promise<void> {
  for (const query of queries) database.run(asSqlite(query));
}
