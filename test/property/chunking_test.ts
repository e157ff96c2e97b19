import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { chunkSpan, cutIntoChunks, maxChunkBytes, minChunkBytes } from "../../gateway/upload/chunking.ts";

const size = fc.oneof(
  fc.nat(100_000_000),
  fc.maxSafeNat(),
  fc.integer({ min: 0, max: 20_000 }).map((n) => n * minChunkBytes),
  fc.constantFrom(0, 1, 10_000 * minChunkBytes, 10_000 * minChunkBytes + 1, 5 * 2 ** 40),
);
const asked = fc.option(fc.integer({ min: minChunkBytes, max: maxChunkBytes }), { nil: undefined });

test("a file is cut into 10,000 chunks at most, of the size asked for unless that would be more", () => {
  fc.assert(
    fc.property(size, asked, (size, asked) => {
      const { chunkSize, chunkCount } = cutIntoChunks(size, asked);
      expect(chunkCount).toBe(Math.ceil(size / chunkSize));
      expect(chunkCount).toBeLessThanOrEqual(10_000);
      expect(chunkSize).toBeGreaterThanOrEqual(minChunkBytes);
      const wished = asked ?? 8 * 1024 * 1024;
      if (Math.ceil(size / wished) <= 10_000 && wished % minChunkBytes === 0) expect(chunkSize).toBe(wished);
      else expect(chunkSize).toBeGreaterThanOrEqual(wished);
    }),
    { numRuns: 3000 },
  );
});

test("its chunks cover it from the first byte to the last, without a gap", () => {
  fc.assert(
    fc.property(size, asked, (size, asked) => {
      const chunking = cutIntoChunks(size, asked);
      let end = 0;
      for (let index = 1; index <= chunking.chunkCount; index++) {
        const span = chunkSpan(chunking, index);
        expect(span.offset).toBe(end);
        expect(span.size > 0 && span.size <= chunking.chunkSize).toBe(true);
        if (index < chunking.chunkCount) expect(span.size).toBe(chunking.chunkSize);
        end += span.size;
      }
      expect(end).toBe(size);
    }),
    { numRuns: 60 },
  );
});
