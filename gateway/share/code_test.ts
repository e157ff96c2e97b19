import { expect, test } from "bun:test";

import { isCode, newCode } from "./code.ts";

test("codes are of their shape, and no two are the same", () => {
  const codes = Array.from({ length: 20_000 }, newCode);
  expect(codes.every(isCode)).toBe(true);
  expect(new Set(codes).size).toBe(codes.length);
});

test("every letter stands in every place equally often", () => {
  const codes = Array.from({ length: 31_000 }, newCode);
  for (let place = 0; place < 14; place++) {
    const counts = Map.groupBy(codes, (code) => code[place] ?? "");
    expect(counts.size).toBe(31);
    // 1000 are expected, with a deviation of 31: eight of them are past any chance.
    for (const [, { length }] of counts) expect(Math.abs(length - 1000)).toBeLessThan(250);
  }
});

test.each(["", "top", "2".repeat(13), "2".repeat(15), "0".repeat(14), "i".repeat(14), "A".repeat(14), `${"2".repeat(14)}\n`])(
  "%j is no code",
  (text) => {
    expect(isCode(text)).toBe(false);
  },
);
