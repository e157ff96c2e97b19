import { stat } from "node:fs/promises";

import { openIfThere } from "./open_file.ts";
import { type ParsedLog, parseLog } from "./parse_log.ts";

/**
 * Reads a chunk log from byte `from` on, which is 0 or an `end` of an earlier answer. A torn record at the file's end
 * is not counted, so that it is read again next time. Costs one `stat` when nothing was added.
 *
 * @returns the entries in order, and where the last whole record ends. No entries and `end` 0 when there is no log or
 *   when it is shorter than `from`: it was made anew, and is to be read from its start.
 */
export async function readLog(path: string, from: number): Promise<ParsedLog> {
  // What else may be wrong with the file shows when it is opened.
  if (from > 0 && (await stat(path).catch(() => null))?.size === from) return { entries: [], end: from };
  await using log = await openIfThere(path, "r");
  const size = log === null ? 0 : (await log.stat()).size;
  if (log === null || size < from) return { entries: [], end: 0 };
  const bytes = Buffer.alloc(size - from);
  const { bytesRead } = await log.read(bytes, 0, bytes.byteLength, from);
  const { entries, end } = parseLog(bytes.subarray(0, bytesRead));
  return { entries, end: from + end };
}
