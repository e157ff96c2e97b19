import { parseLogLine } from "./log_line.ts";
import type { LogEntry } from "./port.ts";

/** What a piece of a chunk log says. */
export interface ParsedLog {
  entries: LogEntry[];
  /** Where in the piece its last whole record ends, in bytes; 0 when there is none. */
  end: number;
}

/**
 * Parses a piece of a chunk log that begins where a record may begin. A record is a line feed and then its line: it
 * begins with the line feed so that a record torn by a full disk cannot swallow its successor. What is no record
 * (torn, flipped, zeros after a power cut) is passed over.
 */
export function parseLog(bytes: Uint8Array): ParsedLog {
  const entries: LogEntry[] = [];
  let end = 0;
  // Latin-1 keeps one character per byte, so that positions in the text are positions in the file.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  for (let feed = text.indexOf("\n"); feed !== -1;) {
    const next = text.indexOf("\n", feed + 1);
    const stop = next === -1 ? text.length : next;
    const entry = parseLogLine(text.slice(feed + 1, stop));
    if (entry !== null) {
      entries.push(entry);
      end = stop;
    }
    feed = next;
  }
  return { entries, end };
}
