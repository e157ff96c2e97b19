import { describe, expect, test } from "bun:test";
import { crc32 } from "node:zlib";

import { type ChecksumAlgorithm, createHasher } from "../bytes/mod.ts";
import { isAppError } from "../errors/mod.ts";
import { ChunkCheck } from "./chunk_check.ts";

const bytes = Buffer.from("the bytes of a chunk");

function digestOf(algorithm: ChecksumAlgorithm): Uint8Array {
  const hasher = createHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a chunk's check", () => {
  test("gives the CRC-32 of the pieces", () => {
    const check = new ChunkCheck({ index: 1, size: bytes.length });
    check.add(bytes.subarray(0, 7));
    check.add(bytes.subarray(7));
    expect(check.end()).toBe(crc32(bytes));
  });

  for (const algorithm of ["crc32", "sha1", "sha256"] as const) {
    test(`compares ${algorithm}`, () => {
      const digest = digestOf(algorithm);
      const good = new ChunkCheck({ index: 1, size: bytes.length, checksum: { algorithm, digest } });
      good.add(bytes);
      expect(good.end()).toBe(crc32(bytes));

      const other = Uint8Array.from(digest, (byte) => byte ^ 1);
      const bad = new ChunkCheck({ index: 4, size: bytes.length, checksum: { algorithm, digest: other } });
      bad.add(bytes);
      const error = thrownBy(() => bad.end());
      expect(isAppError(error, "checksum-mismatch")).toBe(true);
      for (const part of ["chunk 4", Buffer.from(digest).toString("base64"), Buffer.from(other).toString("base64")])
        expect(String(error)).toContain(part);
    });
  }

  test("refuses a byte too many as it comes, and says both numbers", () => {
    const check = new ChunkCheck({ index: 2, size: 5 });
    check.add(bytes.subarray(0, 5));
    const error = thrownBy(() => check.add(bytes.subarray(5, 6)));
    expect(isAppError(error, "wrong-chunk-size")).toBe(true);
    expect(String(error)).toContain("chunk 2 must be 5 bytes, got at least 6");
  });

  test("refuses a byte too few at the end", () => {
    const check = new ChunkCheck({ index: 2, size: 5 });
    check.add(bytes.subarray(0, 4));
    const error = thrownBy(() => check.end());
    expect(isAppError(error, "wrong-chunk-size")).toBe(true);
    expect(String(error)).toContain("chunk 2 must be 5 bytes, got 4");
  });
});
