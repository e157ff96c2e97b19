import { closeSync, openSync, readSync } from "node:fs";

import { createCRC64 } from "hash-wasm";

import { answerAsked } from "../remote/answer_asked.ts";

/** A span of a file that is read once, or the end of all spans. */
export type DigestAsked = { path: string; offset: number; size: number; md5: boolean } | "whole";
/** Of a span its CRC-64 and, if that was wanted, its MD5 in lower-case hex; at the end the SHA-256 of all of them, one behind the other. */
export type DigestAnswer = { crc64: bigint; md5: string | undefined } | { sha256: string };

const buffer = Buffer.allocUnsafe(2 ** 18);
const loading = createCRC64();
const sha256 = new Bun.CryptoHasher("sha256");

answerAsked<DigestAsked, DigestAnswer>(async (asked) => {
  if (asked === "whole") return { sha256: sha256.digest("hex") };
  const crc64 = (await loading).init();
  const md5 = asked.md5 ? new Bun.CryptoHasher("md5") : undefined;
  readSpan(asked, (piece) => {
    crc64.update(piece);
    sha256.update(piece);
    md5?.update(piece);
  });
  return { crc64: BigInt(`0x${crc64.digest()}`), md5: md5?.digest("hex") };
});

function readSpan({ path, offset, size }: Exclude<DigestAsked, "whole">, each: (piece: Buffer) => void): void {
  const fd = openSync(path, "r");
  try {
    for (let at = 0; at < size;) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.byteLength, size - at), offset + at);
      if (count === 0) throw new RangeError(`${path} ends at ${offset + at}`);
      each(buffer.subarray(0, count));
      at += count;
    }
  } finally {
    closeSync(fd);
  }
}
