import type { SpanDigest } from "../bytes/mod.ts";
import type { LogEntry } from "./port.ts";

/** What a log says that spans of its file hash to: what it has said since a chunk came in or was found torn. */
export function digestsIn(entries: LogEntry[]): SpanDigest[] {
  const changed = entries.findLastIndex(({ kind }) => kind !== "digested");
  return entries.slice(changed + 1).flatMap((entry) => {
    return entry.kind === "digested" ? [{ offset: entry.offset, length: entry.length, md5: entry.md5 }] : [];
  });
}
