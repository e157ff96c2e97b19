import { Database, type SQLQueryBindings } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openCatalog } from "#db/mod.ts";
import { parseConfig } from "#lib/config/mod.ts";

import { asSqlite } from "../../../db/as_sqlite.ts";
import type { Engine } from "./recorder.ts";

/** An engine with a database of its own, which goes when it is closed. */
export interface OwnEngine extends Engine {
  /** Lets the engine count what its rows are like, where the drive's own would have done so by itself. */
  analyse(): Promise<void>;
  close(): Promise<void>;
}

/** SQLite. Nothing is counted beforehand: the embedded drive never runs `ANALYZE`, and SQLite never does by itself. */
export async function sqliteEngine(): Promise<OwnEngine> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-plans-"));
  await (await openCatalog(parseConfig({ DATA_DIR: folder }))).close();
  const path = join(folder, "catalog.sqlite");
  const database = new Database(path);
  // A connection of its own: what was explained on one counts as under way there, and no transaction can end.
  const explainer = new Database(path);
  // The file is thrown away: it need not survive a power cut.
  database.run("PRAGMA synchronous = OFF");
  return {
    run: async (sql, params, method) => {
      const bindings = params as SQLQueryBindings[];
      if (method === "all") return { rows: database.query(asSqlite(sql)).values(...bindings) };
      return { rows: [{ affectedRows: database.query(asSqlite(sql)).run(...bindings).changes }] };
    },
    explain: async (sql, params) => {
      if (!/^(select|update|delete|insert into \S+ \([^)]*\) select)/.test(sql)) return [];
      const query = explainer.query<{ detail: string }, SQLQueryBindings[]>(`explain query plan ${asSqlite(sql)}`);
      return query
        .all(...(params as SQLQueryBindings[]))
        .map(({ detail }) => detail)
        .filter((step) => !step.startsWith("CORRELATED"));
    },
    analyse: async () => {},
    close: async () => {
      explainer.close();
      database.close();
      await rm(folder, { recursive: true });
    },
  };
}
