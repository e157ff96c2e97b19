import { AppError } from "../errors/mod.ts";
import { formatLogLine } from "./log_line.ts";
import type { LogEntry } from "./port.ts";

/** What of a `FileHandle` is needed. */
export interface Appendable {
  write(record: Uint8Array): Promise<{ bytesWritten: number }>;
}

/**
 * Appends one record to a chunk log. `log` is open with `O_APPEND`, and a record is one write: appends of several
 * writers, in several processes, do not mix.
 *
 * @returns bytes of the record.
 * @throws {AppError} `no-space` when the disk takes less than the record, twice.
 */
export async function appendLog(log: Appendable, entry: LogEntry): Promise<number> {
  const record = logRecord(entry);
  // A cut record cannot be continued, for another writer may have come between: it stays, and a whole one follows.
  for (let attempt = 1; attempt <= 2; attempt++) {
    const { bytesWritten } = await log.write(record);
    if (bytesWritten === record.byteLength) return bytesWritten;
  }
  const what = entry.kind === "digested" ? `the digest of bytes from ${entry.offset} on` : `chunk ${entry.index}`;
  throw new AppError("no-space", `${what}: the drive's disk is full; nothing of this request was kept`);
}

/** The bytes by which an entry is appended: a line feed and its line, so that it is whole also after a torn one. */
export function logRecord(entry: LogEntry): Uint8Array {
  return Buffer.from(`\n${formatLogLine(entry)}`, "latin1");
}
