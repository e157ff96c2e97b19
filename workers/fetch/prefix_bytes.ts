import type { LogEntry } from "#lib/spool/mod.ts";

/** How many bytes from the first on the spool holds, as the log of an upload says: where a transfer goes on. */
export function prefixBytes(entries: LogEntry[], chunkSize: number): number {
  const sizes = new Map<number, number>();
  for (const entry of entries) {
    if (entry.kind === "received") sizes.set(entry.index, entry.size);
    else if (entry.kind === "reopened") sizes.delete(entry.index);
  }
  let bytes = 0;
  for (let index = 1; bytes === (index - 1) * chunkSize; index++) {
    const size = sizes.get(index);
    if (size === undefined) break;
    bytes += size;
  }
  return bytes;
}
