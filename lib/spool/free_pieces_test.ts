import { describe, expect, test } from "bun:test";

import { freePieces } from "./free_pieces.ts";

describe("freeing pieces", () => {
  test("frees each when the next is asked for, and not before", async () => {
    const made = [new Uint8Array(10), new Uint8Array(20)];
    const lengths: number[][] = [];
    const body = (async function* () {
      yield* made;
    })();
    for await (const piece of freePieces(body)) lengths.push([piece.byteLength, ...made.map((p) => p.byteLength)]);
    expect(lengths).toEqual([
      [10, 10, 20],
      [20, 0, 20],
    ]);
    expect(made.map((p) => p.byteLength)).toEqual([0, 0]);
  });

  test("leaves alone what shares its memory", async () => {
    const whole = new Uint8Array(30);
    const body = (async function* () {
      yield whole.subarray(10, 20);
    })();
    for await (const piece of freePieces(body)) expect(piece.byteLength).toBe(10);
    expect(whole.byteLength).toBe(30);
  });
});
