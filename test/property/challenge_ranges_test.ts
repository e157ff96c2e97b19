import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { challengeRanges, packRanges, unpackRanges } from "../../gateway/upload/challenge_ranges.ts";

const enough = 64 * 1024;
const size = fc.oneof(
  fc.nat(200_000),
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, 4095, 4096, enough - 1, enough, enough + 1, 5 * 2 ** 40),
);

test("ranges lie in the file, in order, none over another, and ask for 64 KiB or for all of it", () => {
  fc.assert(
    fc.property(size, (size) => {
      let end = 0;
      let asked = 0;
      for (const { offset, length } of challengeRanges(size)) {
        expect(offset).toBeGreaterThanOrEqual(end);
        expect(length).toBeGreaterThan(0);
        end = offset + length;
        asked += length;
      }
      expect(end).toBeLessThanOrEqual(size);
      expect(asked).toBeGreaterThanOrEqual(Math.min(size, enough));
    }),
    { numRuns: 2000 },
  );
});

test("no eighth of a file is left out", () => {
  fc.assert(
    fc.property(size, (size) => {
      const ranges = challengeRanges(size);
      const gaps = [...ranges, { offset: size, length: 0 }].map(({ offset }, i) => {
        const before = ranges[i - 1];
        return offset - (before ? before.offset + before.length : 0);
      });
      if (size > enough) expect(Math.max(...gaps)).toBeLessThanOrEqual(size / 8);
      else expect(gaps.every((gap) => gap === 0)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("how many and how long they are depends on the size alone", () => {
  fc.assert(
    fc.property(size, (size) => {
      const lengths = () => challengeRanges(size).map(({ length }) => length);
      expect(lengths()).toEqual(lengths());
    }),
  );
});

test("their row gives them back, and has room for them", () => {
  fc.assert(
    fc.property(size, (size) => {
      const ranges = challengeRanges(size);
      expect(unpackRanges(packRanges(ranges))).toEqual(ranges);
      expect(packRanges(ranges).length).toBeLessThanOrEqual(1024);
    }),
  );
});
