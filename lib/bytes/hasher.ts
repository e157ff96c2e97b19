import { crc32 } from "node:zlib";

import type { ChecksumAlgorithm } from "./checksum.ts";

/** A digest that is fed piece by piece. */
export interface Hasher {
  update(piece: Uint8Array): void;
  /** The digest's bytes. The hasher is used up by it. */
  digest(): Uint8Array;
}

/** A running CRC-32 (ISO-HDLC, as of zip and gzip). */
export class Crc32 implements Hasher {
  /** Of what was fed so far, unsigned. */
  value = 0;

  update(piece: Uint8Array): void {
    this.value = crc32(piece, this.value);
  }

  digest(): Uint8Array {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.value);
    return bytes;
  }
}

/** A hasher for one of the algorithms that a checksum may name. */
export function createHasher(algorithm: ChecksumAlgorithm): Hasher {
  return algorithm === "crc32" ? new Crc32() : new Bun.CryptoHasher(algorithm);
}

/** CRC-32 as eight lower-case hex digits. */
export function crc32Hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
