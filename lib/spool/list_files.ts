import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { isId } from "../id/mod.ts";
import type { SpoolEntry } from "./port.ts";
import { statIfThere } from "./stat_if_there.ts";

/** What lies in a spool's folder, each id once, also where a kill has left a log without its bytes. */
export async function listFiles(root: string): Promise<SpoolEntry[]> {
  const entries = new Map<string, SpoolEntry>();
  // ".data" comes before ".log" in this order, and its time is the one that counts.
  for (const name of (await readdir(root)).toSorted()) {
    const id = /^(.+)\.(?:data|log)$/.exec(name)?.[1];
    if (id === undefined || !isId(id) || entries.has(id)) continue;
    const stats = await statIfThere(join(root, name));
    if (stats !== null) entries.set(id, { id, modifiedAt: Math.trunc(stats.mtimeMs), diskBytes: stats.blocks * 512 });
  }
  return [...entries.values()];
}
