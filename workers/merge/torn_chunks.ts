import type { LogEntry } from "#lib/spool/mod.ts";

/** The 1-based indexes of chunks whose bytes are not what the log says of them, or of which it says nothing. */
export function tornChunks(entries: LogEntry[], crcs: number[]): number[] {
  const logged = new Map<number, number>();
  for (const entry of entries) {
    if (entry.kind === "received") logged.set(entry.index, entry.crc32);
    else if (entry.kind === "reopened") logged.delete(entry.index);
  }
  return crcs.flatMap((crc, i) => (logged.get(i + 1) === crc ? [] : [i + 1]));
}
