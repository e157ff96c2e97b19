import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { ChunkBuffer } from "./chunk_buffer.ts";
import { prefixBytes } from "./prefix_bytes.ts";

test("chunks are the stream, cut at their size, however it came in pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.integer({ min: 1, max: 16 }),
      fc.nat(3),
      async (pieces, size, before) => {
        const chunks: Uint8Array[] = [];
        const from = before * size;
        const buffer = new ChunkBuffer(size, from, async (index, bytes) => {
          expect(index).toBe(before + chunks.length + 1);
          chunks.push(bytes.slice());
        });
        let sent = from;
        for (const piece of pieces) {
          await buffer.add(piece);
          expect(buffer.position).toBe((sent += piece.byteLength));
          expect(buffer.written).toBe(sent - (sent % size));
        }
        await buffer.end();
        expect(Buffer.concat(chunks)).toEqual(Buffer.concat(pieces));
        expect(chunks.slice(0, -1).every(({ byteLength }) => byteLength === size)).toBe(true);
        const entries = chunks.map(({ byteLength }, i) => ({
          kind: "received" as const,
          index: i + 1,
          size: byteLength,
          crc32: 0,
        }));
        expect(prefixBytes(entries, size)).toBe(sent - from);
      },
    ),
  );
});

test("it begins where a chunk does", () => {
  expect(() => new ChunkBuffer(10, 15, async () => {})).toThrow(RangeError);
});

test("what lies behind a chunk that is missing does not count", () => {
  const received = (index: number, size = 10) => ({ kind: "received" as const, index, size, crc32: 0 });
  expect(prefixBytes([received(1), received(3)], 10)).toBe(10);
  expect(prefixBytes([received(2)], 10)).toBe(0);
  expect(prefixBytes([received(1), received(2), { kind: "reopened", index: 1 }], 10)).toBe(0);
  expect(prefixBytes([received(1), { kind: "reopened", index: 1 }, received(1), received(2, 4)], 10)).toBe(14);
});
