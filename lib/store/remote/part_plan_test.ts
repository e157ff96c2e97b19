import { expect, test } from "bun:test";

import { planParts } from "./part_plan.ts";

const mebibyte = 2 ** 20;

test("cuts a file into parts of the wished size, the last one shorter", () => {
  expect(planParts(25 * mebibyte, 10 * mebibyte)).toEqual([
    { number: 1, offset: 0, size: 10 * mebibyte },
    { number: 2, offset: 10 * mebibyte, size: 10 * mebibyte },
    { number: 3, offset: 20 * mebibyte, size: 5 * mebibyte },
  ]);
  expect(planParts(20 * mebibyte, 10 * mebibyte)).toHaveLength(2);
  // OSS takes parts from 100 KiB on.
  expect(planParts(10_000 * 102_400, 102_400)).toHaveLength(10_000);
});

test("makes the parts of a large file larger, so that there are at most 10,000 that cover it without a gap", () => {
  for (const size of [160_000 * mebibyte, 160_000 * mebibyte + 1, 5 * 2 ** 40]) {
    const parts = planParts(size, 16 * mebibyte);
    expect(parts.length).toBeLessThanOrEqual(10_000);
    let end = 0;
    for (const { offset, size } of parts) {
      expect(offset).toBe(end);
      end += size;
    }
    expect(end).toBe(size);
  }
});
