import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { GatherWriter } from "./gather_writer.ts";

/** A file in memory that takes at most `mostBytes` of a write. */
function memoryFile(size: number, mostBytes = Number.POSITIVE_INFINITY) {
  const bytes = new Uint8Array(size);
  const writes: number[] = [];
  const write = async (from: Uint8Array, offset: number, length: number, position: number) => {
    await Promise.resolve();
    const bytesWritten = Math.min(length, mostBytes);
    bytes.set(from.subarray(offset, offset + bytesWritten), position);
    writes.push(bytesWritten);
    return { bytesWritten };
  };
  return { bytes, writes, file: { write } };
}

const numbered = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

describe("gathering", () => {
  test("writes any pieces as one run of bytes, whatever the system takes at a time", async () => {
    const pieces = fc.array(fc.nat(40), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 60 }), async (pieces, gather, most) => {
        const total = pieces.reduce((a, b) => a + b, 0);
        const { bytes, file } = memoryFile(total + 8, most);
        const writer = new GatherWriter(file, 4, new Uint8Array(gather));
        const all = numbered(total);
        let at = 0;
        for (const length of pieces) {
          const piece = all.slice(at, (at += length));
          await writer.add(piece);
          piece.fill(255); // its maker's own again
        }
        await writer.flush();
        expect(bytes).toEqual(Uint8Array.of(0, 0, 0, 0, ...all, 0, 0, 0, 0));
      }),
    );
  });

  test("makes few writes of many pieces", async () => {
    const { file, writes } = memoryFile(1000);
    const writer = new GatherWriter(file, 0, new Uint8Array(100));
    for (let i = 0; i < 100; i++) await writer.add(numbered(10));
    await writer.flush();
    expect(writes).toEqual(Array.from({ length: 10 }, () => 100));
  });

  test("tells of the first write, once", async () => {
    const { file, writes } = memoryFile(100);
    const seen: number[] = [];
    const writer = new GatherWriter(file, 0, new Uint8Array(10), () => seen.push(writes.length));
    for (let i = 0; i < 5; i++) await writer.add(numbered(10));
    await writer.flush();
    expect(seen).toEqual([1]);
  });

  test("fails rather than turn in circles when the system takes nothing", async () => {
    const writer = new GatherWriter(memoryFile(10, 0).file, 0, new Uint8Array(4));
    const error = await writer.add(numbered(10)).catch((e: unknown) => e);
    expect(String(error)).toContain("took 0 bytes");
  });
});
