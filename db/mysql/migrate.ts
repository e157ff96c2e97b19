import { migrate } from "drizzle-orm/mysql-proxy/migrator";

import { AppError } from "#lib/errors/mod.ts";

import { exactCollation, mustCompareExactly } from "./collation.ts";
import type { Link } from "./link.ts";
import { queriesOver } from "./queries.ts";
import { tableNames } from "./table_names.ts";

const migrationsFolder = new URL("../migrations", import.meta.url).pathname;
/** Any number of processes may start at once: one migrates, the others wait for it. */
const lockSeconds = 120;

/**
 * Brings the tables to the newest schema, and makes sure that they compare texts to the letter.
 *
 * @throws {AppError} `invalid-request` when they do not; `unavailable` when another process has been migrating for two minutes.
 */
export async function migrateTables(link: Link): Promise<void> {
  await withLock(link, async () => {
    const collation = await exactCollation(link);
    const isGoingOn = await hasBegun(link);
    await migrate(queriesOver(link.run), (statements) => runAll(link, statements, { collation, isGoingOn }), {
      migrationsFolder,
    });
    await mustCompareExactly(link, collation);
  });
}

async function withLock(link: Link, run: () => Promise<void>): Promise<void> {
  const name = "concat('sluice.', md5(database()))";
  const [locked] = (await link.run(`select get_lock(${name}, ${lockSeconds})`, [], "all")).rows.flat();
  if (locked !== 1) {
    throw new AppError("unavailable", `DATABASE_URL: another process has been migrating the tables for ${lockSeconds} s`);
  }
  await run();
  await link.run(`do release_lock(${name})`, [], "execute");
}

/** Whether a migration was begun here before. If it was not, nothing of what is here is ours, and nothing may be in the way. */
async function hasBegun({ run }: Link): Promise<boolean> {
  const present = "select table_name from information_schema.tables where table_schema = database() and table_name in (?)";
  const names = (await run(present, [["__drizzle_migrations", ...tableNames]], "all")).rows.flat();
  if (names.length === 0 || names.includes("__drizzle_migrations")) return names.length > 0;
  throw new AppError("invalid-request", `DATABASE_URL: the database has tables of somebody else: ${names.join(", ")}`);
}

async function runAll(link: Link, statements: string[], { collation, isGoingOn }: { collation: string; isGoingOn: boolean }) {
  for (const statement of statements) {
    try {
      await link.run(withCollation(statement, collation), [], "execute");
    } catch (error) {
      // Each such statement is kept at once: a process that died between two of them had done the first ones.
      if (!isGoingOn || !isDone(error)) throw error;
    }
  }
}

/** The server's and the database's defaults do not matter: a column that a later migration adds is like its table. */
function withCollation(statement: string, collation: string): string {
  if (!/^\s*create table/i.test(statement)) return statement;
  return `${statement.trimEnd().replace(/;$/, "")} engine = InnoDB default character set utf8mb4 collate ${collation}`;
}

/** ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME, ER_CANT_DROP_FIELD_OR_KEY, ER_BAD_TABLE_ERROR. */
const doneNumbers = new Set([1050, 1060, 1061, 1091, 1051]);

function isDone(error: unknown): boolean {
  return error instanceof Error && "errno" in error && doneNumbers.has(Number(error.errno));
}
