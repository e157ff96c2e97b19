import { createConnection } from "mysql2/promise";

import type { Stack } from "../stack/mod.ts";

/** A database of a test's own on the real primary, and so on its replica. */
export interface TestDatabase extends AsyncDisposable {
  mysql: string;
  replica: string;
}

/** Makes an empty database that the drive's user may use; disposing drops it. */
export async function makeDatabase({ mysql, replica, root }: Pick<Stack, "mysql" | "replica" | "root">): Promise<TestDatabase> {
  const name = `t_${crypto.randomUUID().replaceAll("-", "")}`;
  const asRoot = async (...statements: string[]) => {
    const connection = await createConnection({ uri: root.mysql, connectTimeout: 5000 });
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  };
  await asRoot(
    `CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`,
    `GRANT ALL PRIVILEGES ON ${name}.* TO sluice@'%'`,
  );
  return {
    mysql: onDatabase(mysql, name),
    replica: onDatabase(replica, name),
    [Symbol.asyncDispose]: () => asRoot(`DROP DATABASE ${name}`, `REVOKE ALL PRIVILEGES ON ${name}.* FROM sluice@'%'`),
  };
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
