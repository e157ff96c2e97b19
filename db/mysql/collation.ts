import { AppError } from "#lib/errors/mod.ts";

import type { Link } from "./link.ts";
import { tableNames } from "./table_names.ts";

/** Collations of MariaDB and of MySQL 8 under which texts are equal only to the letter, trailing spaces included. */
const exact = ["utf8mb4_nopad_bin", "utf8mb4_0900_bin"];

/** The server's collation of exact texts. @throws {AppError} `invalid-request` when it has none. */
export async function exactCollation(link: Link): Promise<string> {
  const known = await texts(link, "select collation_name from information_schema.collations where collation_name in (?)", [
    exact,
  ]);
  const found = exact.find((name) => known.some(([other]) => other === name));
  if (found !== undefined) return found;
  throw new AppError("invalid-request", `DATABASE_URL: the server is too old: it knows none of ${exact.join(", ")}`);
}

/**
 * Compares what must not be equal under the collation of every column that holds text.
 *
 * @throws {AppError} `invalid-request` that names each table where two names would be one, and the statement to run.
 */
export async function mustCompareExactly(link: Link, wanted: string): Promise<void> {
  const faults: string[] = [];
  for (const [table = "", charset = "", collation = ""] of await texts(link, columns, [tableNames])) {
    const fault = charset === "utf8mb4" ? await whatIsAlike(link, collation) : `${charset} has not all letters`;
    if (fault) faults.push(`${table}: ${fault}. Run: ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4 COLLATE ${wanted}`);
  }
  if (faults.length === 0) return;
  throw new AppError("invalid-request", `DATABASE_URL: tables in which different names would be one:\n  ${faults.join("\n  ")}`);
}

const columns = `
  select distinct table_name, character_set_name, collation_name from information_schema.columns
  where table_schema = database() and collation_name is not null and table_name in (?)`;

/** Texts that two people may well give two files. */
const pairs: [string, string][] = [
  ["a", "a "],
  ["a", "A"],
  ["a", "á"],
  ["ss", "ß"],
];

async function whatIsAlike(link: Link, collation: string): Promise<string | undefined> {
  const comparisons = pairs.map(
    () => `convert(? using utf8mb4) collate ${collation} = convert(? using utf8mb4) collate ${collation}`,
  );
  const [row = []] = await texts(link, `select ${comparisons.join(", ")}`, pairs.flat());
  const alike = pairs.filter((_, index) => row[index] !== "0").map(([a, b]) => `'${a}' = '${b}'`);
  return alike.length === 0 ? undefined : `under ${collation} ${alike.join(", ")}`;
}

async function texts({ run }: Link, statement: string, params: unknown[]): Promise<string[][]> {
  const { rows } = await run(statement, params, "all");
  return rows.map((row) => (Array.isArray(row) ? row.map(String) : []));
}
