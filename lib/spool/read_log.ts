import { type FileHandle } from "node:fs/promises";

import { logHeaderBytes, parseLogHeader } from "./log_header.ts";
import { openIfThere } from "./open_file.ts";
import { parseLog } from "./parse_log.ts";
import type { LogTail } from "./port.ts";

/**
 * Reads a chunk log from byte `from` on, which is 0 or an `end` of an earlier answer. A torn record at the file's end
 * is not counted, so that it is read again next time.
 */
export async function readLog(path: string, from: number): Promise<LogTail> {
  await using log = await openIfThere(path, "r");
  if (log === null) return { entries: [], end: 0, born: null };
  const { size, ino, birthtimeMs } = await log.stat();
  const born = parseLogHeader(await readAt(log, 0, logHeaderBytes)) ?? bornUnnamed(ino, birthtimeMs);
  if (size < from) return { entries: [], end: 0, born };
  if (size === from) return { entries: [], end: from, born };
  const { entries, end } = parseLog(await readAt(log, from, size - from));
  return { entries, end: from + end, born };
}

async function readAt(log: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await log.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}

/** For a log whose header a power cut took, or of a version that wrote none: the best that can be had. Sorts before any ULID. */
function bornUnnamed(ino: number, birthtimeMs: number): string {
  return `${ino}${Math.trunc(birthtimeMs)}`.padStart(26, "0");
}
