import { logHeaderBytes, parseLogHeader } from "./log_header.ts";
import { openIfThere } from "./open_file.ts";
import { openPaced } from "./paced_file.ts";
import { parseLog } from "./parse_log.ts";
import type { LogTail } from "./port.ts";
import type { WritePace } from "./write_pace.ts";

/**
 * Reads a chunk log from byte `from` on, which is 0 or an `end` of an earlier answer. A torn record at the file's end
 * is not counted, so that it is read again next time.
 *
 * As a chunk is written: on the event loop while the disk keeps nobody waiting. It is done before each chunk, and in threads it
 * was most of what a small one took; and while the first of a chunk waits for it, Bun reads on (see {@link WritePace}).
 */
export async function readLog(path: string, from: number, pace: WritePace): Promise<LogTail> {
  using log = await openIfThere(openPaced(path, "r", pace));
  if (log === null) return { entries: [], end: 0, born: null };
  const { size, ino, birthtimeMs } = await log.stat();
  // From its beginning it is read at once, header and all: that is no entry.
  const head = await log.read(0, from === 0 ? size : logHeaderBytes);
  const born = parseLogHeader(head.subarray(0, logHeaderBytes)) ?? bornUnnamed(ino, birthtimeMs);
  if (size < from) return { entries: [], end: 0, born };
  if (size === from) return { entries: [], end: from, born };
  const { entries, end } = parseLog(from === 0 ? head : await log.read(from, size - from));
  return { entries, end: from + end, born };
}

/** For a log whose header a power cut took, or of a version that wrote none: the best that can be had. Sorts before any ULID. */
function bornUnnamed(ino: number, birthtimeMs: number): string {
  return `${ino}${Math.trunc(birthtimeMs)}`.padStart(26, "0");
}
