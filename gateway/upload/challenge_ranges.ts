import { randomInt } from "node:crypto";

import type { ByteRange } from "#lib/store/mod.ts";

const pieces = 16;
const pieceBytes = 4096;
/** `randomInt` takes no more: only a file past 4 PiB, which nobody has, is asked for in the front of each sixteenth. */
const maxRandom = 2 ** 48 - 1;

/**
 * The ranges that a challenge asks for: 16 of 4 KiB (64 KiB in all), one at a random place in each sixteenth of
 * the file, so that none of it may be missing; of a smaller file all of it. Depends on the size alone.
 */
export function challengeRanges(size: number): ByteRange[] {
  if (size <= pieces * pieceBytes) return wholeInPieces(size);
  return Array.from({ length: pieces }, (_, i) => {
    const start = Math.floor((size / pieces) * i);
    const end = Math.floor((size / pieces) * (i + 1));
    return { offset: start + randomInt(Math.min(end - start - pieceBytes + 1, maxRandom)), length: pieceBytes };
  });
}

function wholeInPieces(size: number): ByteRange[] {
  const count = Math.ceil(size / pieceBytes);
  return Array.from({ length: count }, (_, i) => ({
    offset: i * pieceBytes,
    length: Math.min(pieceBytes, size - i * pieceBytes),
  }));
}

/** Ranges as their row keeps them: `offset+length`, comma-separated. */
export function packRanges(ranges: ByteRange[]): string {
  return ranges.map(({ offset, length }) => `${offset}+${length}`).join(",");
}

export function unpackRanges(packed: string): ByteRange[] {
  if (packed === "") return [];
  return packed.split(",").map((pair) => {
    const [offset = 0, length = 0] = pair.split("+").map(Number);
    return { offset, length };
  });
}
