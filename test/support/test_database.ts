import { type Connection, createConnection } from "mysql2/promise";

import type { Stack } from "../stack/mod.ts";

/** A database of a suite's own on the stack's primary, which the replica follows. */
export interface TestDatabase extends AsyncDisposable {
  name: string;
  /** For `DATABASE_URL`. */
  url: string;
  /** For `DATABASE_REPLICA_URLS`. */
  replicaUrl: string;
  /** Runs a statement as root, in that database, on the primary or on the replica; gives its rows. */
  root(sql: string, on?: "mysql" | "replica"): Promise<Record<string, unknown>[]>;
  /** Runs a statement as root on a connection that stays open until it is disposed of. */
  hold(sql: string): Promise<AsyncDisposable>;
}

/** @param defaults of the database, such as `COLLATE utf8mb4_general_ci`. */
export async function testDatabase(stack: Pick<Stack, "mysql" | "replica" | "root">, defaults = ""): Promise<TestDatabase> {
  const name = `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  // The drive's own user: root may write even where nobody else may.
  const at = (url: string) => new URL(`/${name}`, url).href;
  await run(stack.root.mysql, `CREATE DATABASE ${name} CHARACTER SET utf8mb4 ${defaults}`);
  await run(stack.root.mysql, `GRANT ALL PRIVILEGES ON ${name}.* TO sluice@'%'`);
  return {
    name,
    url: at(stack.mysql),
    replicaUrl: at(stack.replica),
    root: (sql, on = "mysql") => run(at(stack.root[on]), sql),
    hold: async (sql) => {
      const connection = await connect(at(stack.root.mysql));
      await connection.query(sql);
      return { [Symbol.asyncDispose]: () => connection.end() };
    },
    [Symbol.asyncDispose]: async () => {
      await run(stack.root.mysql, `DROP DATABASE ${name}`);
      await run(stack.root.mysql, `REVOKE ALL PRIVILEGES ON ${name}.* FROM sluice@'%'`);
    },
  };
}

async function run(uri: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await connect(uri);
  try {
    const [rows] = await connection.query({ sql, timeout: 30_000 });
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await connection.end();
  }
}

async function connect(uri: string): Promise<Connection> {
  return await createConnection({ uri, connectTimeout: 5000 });
}
