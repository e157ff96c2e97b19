import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { isId } from "../id/mod.ts";
import type { SpoolEntry } from "./port.ts";
import { statPaced } from "./stat_paced.ts";
import type { WritePace } from "./write_pace.ts";

/** So many are looked at before others have their turn: half a millisecond. */
const inOneTurn = 64;

/** What lies in a spool's folder, each id once, also where a kill has left a log without its bytes. */
export async function listFiles(root: string, pace: WritePace): Promise<SpoolEntry[]> {
  const entries = new Map<string, SpoolEntry>();
  let looked = 0;
  // ".data" comes before ".log" in this order, and its time is the one that counts.
  for (const name of (await readdir(root)).toSorted()) {
    const id = /^(.+)\.(?:data|log)$/.exec(name)?.[1];
    if (id === undefined || !isId(id) || entries.has(id)) continue;
    if (++looked % inOneTurn === 0) await setImmediate();
    const stats = await statPaced(join(root, name), pace);
    if (stats !== null) entries.set(id, { id, modifiedAt: Math.trunc(stats.mtimeMs), diskBytes: stats.blocks * 512 });
  }
  return [...entries.values()];
}
