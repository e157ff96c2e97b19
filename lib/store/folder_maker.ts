import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

import { syncFolder } from "../lifecycle/mod.ts";

/**
 * Makes folders below `base` whose names survive a power cut.
 *
 * @returns a function that makes one folder, with those between it and `base`, and resolves once all are durable.
 */
export function folderMaker(base: string): (folder: string) => Promise<void> {
  // A sync of a folder that is clean still flushes the disk's cache (7 ms here), so it is done once per folder and
  // process. Keys begin with four hex digits: there are at most 65,536 such folders.
  const durable = new Set<string>();
  return async (folder) => {
    const made = await mkdir(folder, { recursive: true });
    if (made === undefined && durable.has(folder)) return;
    for (let at = folder; at !== base && at !== dirname(at); at = dirname(at)) await syncFolder(dirname(at));
    durable.add(folder);
  };
}
