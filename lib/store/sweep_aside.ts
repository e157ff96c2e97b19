import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../errors/mod.ts";
import { newId } from "../id/mod.ts";

/** A name for a put that begins now: it says when, since a hard link's own times are those of its source. */
export function asideName(now: number = Date.now()): string {
  return `${now}-${newId()}`;
}

/**
 * Removes what puts begun before `before` (epoch milliseconds) have left in `folder`; one that is still being written
 * stays, however long ago it began, and so does a file that no put has named.
 *
 * @returns how many were removed.
 */
export async function sweepAside(folder: string, before: number, signal: AbortSignal): Promise<number> {
  const stale = await staleAside(folder, before, signal);
  for (const path of stale) await rm(path, { force: true });
  return stale.length;
}

/** The paths of what {@link sweepAside} removes. */
export async function staleAside(folder: string, before: number, signal: AbortSignal): Promise<string[]> {
  const stale: string[] = [];
  for (const name of await readdir(folder)) {
    signal.throwIfAborted();
    const path = join(folder, name);
    const touched = await touchedAt(path, name);
    if (touched !== null && touched < before) stale.push(path);
  }
  return stale;
}

async function touchedAt(path: string, name: string): Promise<number | null> {
  const begun = /^(\d+)-[0-9A-Z]{26}$/.exec(name)?.[1];
  if (begun === undefined) return null;
  try {
    return Math.max(Number(begun), (await stat(path)).mtimeMs);
  } catch (error) {
    // Its put ended between the listing and this look.
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
