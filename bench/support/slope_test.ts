import { expect, test } from "bun:test";

import { slopeOf } from "./slope.ts";

test("the slope of a line, also where points lie beside it", () => {
  expect(
    slopeOf([
      [0, 5],
      [1, 7],
      [3, 11],
    ]),
  ).toBeCloseTo(2, 10);
  expect(
    slopeOf([
      [0, 1],
      [0, -1],
      [2, 7],
      [2, 5],
    ]),
  ).toBeCloseTo(3, 10);
});

test("one point has no slope", () => {
  expect(() => slopeOf([[1, 1]])).toThrow(RangeError);
});
