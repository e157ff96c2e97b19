import type { ChunkWrite } from "./port.ts";

/**
 * A position that is no position would have the system write wherever the file happens to stand.
 * @throws {RangeError}
 */
export function mustBeSpan({ index, offset, size }: Pick<ChunkWrite, "index" | "offset" | "size">): void {
  const good = [index - 1, offset, size].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!good) throw new RangeError(`chunk ${index} of ${size} bytes at byte ${offset} is not a chunk`);
}
