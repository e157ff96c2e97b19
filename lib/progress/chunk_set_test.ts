import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { ChunkSet } from "./chunk_set.ts";

describe("a chunk set", () => {
  test("is what a set of the same numbers is", () => {
    const step = fc.record({ add: fc.boolean(), index: fc.integer({ min: -1, max: 22 }) });
    fc.assert(
      fc.property(fc.nat(20), fc.array(step), (chunkCount, steps) => {
        const [chunks, model] = [new ChunkSet(chunkCount), new Set<number>()];
        for (const { add, index } of steps) {
          if (add) chunks.add(index);
          else chunks.delete(index);
          if (!add) model.delete(index);
          else if (index >= 1 && index <= chunkCount) model.add(index);
        }
        const all = Array.from({ length: chunkCount }, (_, i) => i + 1);
        expect(chunks.missing()).toEqual(all.filter((index) => !model.has(index)));
        expect(chunks.size).toBe(model.size);
        expect(chunks.complete).toBe(model.size === chunkCount);
      }),
    );
  });

  test("is the same after it was bytes", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.array(fc.integer({ min: 1, max: 20 })), (chunkCount, indexes) => {
        const chunks = new ChunkSet(chunkCount);
        for (const index of indexes) chunks.add(index);
        const bytes = chunks.toBytes();
        expect(bytes.byteLength).toBe(Math.ceil(chunkCount / 8));
        expect(ChunkSet.fromBytes(chunkCount, bytes)).toEqual(chunks);
        expect(ChunkSet.fromBytes(chunkCount, Uint8Array.of(...bytes, 0))).toBe(null);
      }),
    );
    expect(ChunkSet.fromBytes(3, Uint8Array.of(0b1111_1101))?.missing()).toEqual([2]);
  });

  test("a clone is its own", () => {
    const chunks = new ChunkSet(9);
    chunks.add(9);
    const copy = chunks.clone();
    copy.add(1);
    chunks.delete(9);
    expect([copy.missing(), chunks.missing()]).toEqual([
      [2, 3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    ]);
  });
});
