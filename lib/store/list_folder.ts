import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../errors/mod.ts";
import { isObjectKey } from "./object_key.ts";
import type { ListedObject, ListOptions } from "./port.ts";

/**
 * The files below `base`, but for those in `tmp/`, in the order of their paths' bytes. Of folders that can hold nothing that is
 * asked for, none is read.
 */
export async function listFolder(
  base: string,
  { prefix, after, limit }: ListOptions,
  signal: AbortSignal,
): Promise<ListedObject[]> {
  const listed: ListedObject[] = [];
  for await (const key of keysBelow(base, "", prefix, after, signal)) {
    const found = await statIfThere(join(base, key));
    if (found !== null) listed.push({ key, ...found });
    if (listed.length >= limit) break;
  }
  return listed;
}

/** @param folder ends with a slash, or is empty. */
async function* keysBelow(
  base: string,
  folder: string,
  prefix: string,
  after: string,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  signal.throwIfAborted();
  for (const path of await entriesOf(base, folder)) {
    if (path.endsWith("/")) {
      const mayHold = path.startsWith(prefix) || prefix.startsWith(path);
      // All that begins with `path` stands together in the order: where `after` lies past all of it, there is nothing in it.
      if (mayHold && (after <= path || after.startsWith(path))) yield* keysBelow(base, path, prefix, after, signal);
    } else if (path.startsWith(prefix) && path > after && isObjectKey(path)) yield path;
  }
}

/** What lies in a folder, in order; folders end with a slash, which is how they stand in the order of keys. */
async function entriesOf(base: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(base, folder), { withFileTypes: true });
    return entries
      .flatMap((entry) => {
        if (entry.isDirectory()) return folder === "" && entry.name.toLowerCase() === "tmp" ? [] : [`${folder}${entry.name}/`];
        return entry.isFile() ? [`${folder}${entry.name}`] : [];
      })
      .toSorted((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    // Of the root, it means that the disk is gone, not that the store is empty.
    if (systemCode(error) === "ENOENT" && folder !== "") return [];
    throw error;
  }
}

async function statIfThere(path: string): Promise<{ size: number; modifiedAt: number } | null> {
  try {
    const { size, ctimeMs } = await stat(path);
    return { size, modifiedAt: Math.floor(ctimeMs) };
  } catch (error) {
    // Deleted since the folder was read.
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
