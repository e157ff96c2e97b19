import { and, eq, gte, inArray, lt, sql } from "drizzle-orm";

import { maxNameLength } from "#lib/name/mod.ts";

import type { Queries } from "./catalog.ts";
import { prepared } from "./prepared.ts";
import { files } from "./schema.ts";

/** A name as it is searched: compatibility forms folded together, lower case. */
export function searchable(name: string): string {
  return name.normalize("NFKC").toLowerCase().slice(0, 1024);
}

/** Text for a `LIKE … ESCAPE '!'` pattern that matches it to the letter. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[!%_]/g, "!$&");
}

/**
 * `name` if the user has no living file of that name, else the first of `name (1)`, `name (2)`, … that is free,
 * with the number before the extension and the stem cut where the whole would be too long.
 */
export async function freeName(tx: Queries, userId: string, name: string): Promise<string> {
  if (!(await isTaken(tx, userId, name))) return name;
  const [stem, extension] = splitExtension(name);
  // Stem, number and extension of a shorter name fit into the column: nothing of the stem is cut off.
  const taken = await namesFrom(tx, userId, Array.from(stem).length > 200 ? cut(stem, 200) : `${stem} (`);
  for (let n = 1; ; n++) {
    const suffix = ` (${n})${extension}`;
    const candidate = cut(stem, maxNameLength - Array.from(suffix).length) + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Stem and extension (with its dot; none for `.profile` or `README`). */
export function splitExtension(name: string): [stem: string, extension: string] {
  const match = /^(.+)(\.[^.\s]{1,16})$/su.exec(name);
  return match ? [match[1] ?? name, match[2] ?? ""] : [name, ""];
}

/**
 * A text that is greater than all that begin with `prefix` and not than any other, in the order of code points, which both
 * engines keep; `undefined` where there is none.
 */
export function afterPrefix(prefix: string): string | undefined {
  // Halves of pairs are kept as U+FFFD.
  const points = Array.from(prefix.toWellFormed());
  while (points.at(-1) === "\u{10FFFF}") points.pop();
  const last = points.pop()?.codePointAt(0);
  // What follows U+D7FF are halves of pairs.
  return last === undefined ? undefined : points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
}

function cut(text: string, length: number): string {
  return Array.from(text).slice(0, length).join("");
}

const byLiveName = prepared((db) =>
  db
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.userId, sql.placeholder("userId")), eq(files.liveName, sql.placeholder("name"))))
    .limit(1)
    .prepare(),
);

async function isTaken(tx: Queries, userId: string, name: string): Promise<boolean> {
  return (await byLiveName(tx).execute({ userId, name })).length > 0;
}

/** Those of `names` that living files of the user have. */
export async function takenNames(tx: Queries, userId: string, names: Set<string>): Promise<Set<string>> {
  const rows = await tx
    .select({ name: files.liveName })
    .from(files)
    .where(and(eq(files.userId, userId), inArray(files.liveName, [...names])));
  return namesOf(rows);
}

/** The names that begin with `prefix`: by a range, since SQLite uses no index for a `LIKE` that tells cases apart. */
async function namesFrom(tx: Queries, userId: string, prefix: string): Promise<Set<string>> {
  const end = afterPrefix(prefix);
  const rows = await tx
    .select({ name: files.liveName })
    .from(files)
    .where(and(eq(files.userId, userId), gte(files.liveName, prefix), end === undefined ? undefined : lt(files.liveName, end)));
  return namesOf(rows);
}

function namesOf(rows: { name: string | null }[]): Set<string> {
  return new Set(rows.flatMap(({ name }) => name ?? []));
}
