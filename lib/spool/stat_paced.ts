import { type Stats, statSync } from "node:fs";

import { statIfThere } from "./stat_if_there.ts";
import { timed, type WritePace } from "./write_pace.ts";

/**
 * What the system says of a file, `null` when there is none: on the event loop while the disk keeps nobody waiting, where it
 * takes a tenth of a trip to a thread.
 */
export async function statPaced(path: string, pace: WritePace): Promise<Stats | null> {
  if (!pace.isOnLoop) return await statIfThere(path);
  return timed(pace, () => statSync(path, { throwIfNoEntry: false })) ?? null;
}
