import { createConnection } from "mysql2";

import { openCatalog } from "#db/mod.ts";
import { parseConfig } from "#lib/config/mod.ts";

import { createLink } from "../../../db/mysql/link.ts";
import { tableNames } from "../../../db/mysql/table_names.ts";
import { realServers } from "../../support/real_servers.ts";
import { testDatabase } from "../../support/test_database.ts";
import type { OwnEngine } from "./sqlite.ts";

const statementMs = 60_000;

/** A row of `EXPLAIN`, in its columns' order. */
type Step = [id: number, kind: string, table: string | null, type: string | null, ...rest: (string | number | null)[]];

/** MariaDB, of the stack. */
export async function mariadbEngine(): Promise<OwnEngine> {
  const servers = await realServers("mysql");
  const database = await testDatabase(servers.stack);
  await (await openCatalog(parseConfig({ DATABASE_URL: database.url }))).close();
  const connection = createConnection({ uri: database.url, supportBigNumbers: true, charset: "utf8mb4_bin" });
  const { run } = createLink(connection, statementMs);
  return {
    run,
    explain: async (sql, params) => {
      if (!/^(select|update|delete|insert into \S+ \([^)]*\) select)/.test(sql)) return [];
      const { rows } = await run(`explain ${sql}`, params, "all");
      return rows.map((row) => lineOf(row as Step));
    },
    analyse: async () => void (await run(`analyze table ${tableNames.join(", ")}`, [], "all")),
    close: async () => {
      connection.end();
      await database[Symbol.asyncDispose]();
      await servers[Symbol.asyncDispose]();
    },
  };
}

/** Without the numbers of rows, which are guesses that change from run to run. */
function lineOf([, kind, table, type, _possible, key, _length, _ref, _rows, extra]: Step): string {
  const about = kind === "SIMPLE" || kind === "PRIMARY" ? "" : `${kind.toLowerCase()}: `;
  const how = [table ?? "", type ?? "", key ?? ""].filter((word) => word !== "").join(" ");
  return `${about}${how}${extra ? ` (${String(extra).replaceAll("; ", ", ")})` : ""}`;
}
