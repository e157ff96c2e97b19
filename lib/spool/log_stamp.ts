import type { Stats } from "node:fs";

import type { LogStamp } from "./port.ts";

/** The stamp of a log by what the system says of its file. */
export function logStamp({ ino, birthtimeMs, ctimeMs, size }: Stats): LogStamp {
  return { file: `${ino} ${birthtimeMs}`, size, changedAt: ctimeMs };
}

/** Whether a log that looked like `a` and now looks like `b` is the same, without news. */
export function isSameStamp(a: LogStamp | null, b: LogStamp | null): boolean {
  return a?.file === b?.file && a?.size === b?.size && a?.changedAt === b?.changedAt;
}
