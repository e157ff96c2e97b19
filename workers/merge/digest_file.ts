import { closeSync, openSync, readSync } from "node:fs";

import { Crc32, createHasher } from "#lib/bytes/mod.ts";

const pieceBytes = 1024 * 1024;

/** A file whose chunks already lie at their places. Sizes in bytes. */
export interface DigestInput {
  path: string;
  size: number;
  chunkSize: number;
}

/** What its bytes hash to: hashes in lower-case hex, and the CRC-32 of each chunk. */
export interface Digest {
  sha1: string;
  sha256: string;
  crcs: number[];
}

/**
 * Reads a file once, from front to back: SHA-1 and SHA-256 of the whole, CRC-32 of each chunk. Synchronous: meant for
 * a thread of its own (or for a small file).
 *
 * @param onPiece hears how many bytes are read so far.
 * @throws {RangeError} when the file ends early.
 */
export function digestFile({ path, size, chunkSize }: DigestInput, onPiece: (offset: number) => void = () => {}): Digest {
  const [sha1, sha256] = [createHasher("sha1"), createHasher("sha256")];
  const crcs: number[] = [];
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, Math.max(size, 1)));
  const fd = openSync(path, "r");
  try {
    for (let start = 0; start < size; start += chunkSize) {
      const end = Math.min(start + chunkSize, size);
      const crc = new Crc32();
      for (let offset = start; offset < end;) {
        const count = readSync(fd, buffer, 0, Math.min(buffer.byteLength, end - offset), offset);
        if (count === 0) throw new RangeError(`${path} ends at ${offset} of ${size} bytes`);
        const piece = buffer.subarray(0, count);
        for (const hasher of [crc, sha1, sha256]) hasher.update(piece);
        offset += count;
        onPiece(offset);
      }
      crcs.push(crc.value);
    }
  } finally {
    closeSync(fd);
  }
  return { sha1: hex(sha1.digest()), sha256: hex(sha256.digest()), crcs };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
