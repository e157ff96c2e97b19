import { expect, test } from "bun:test";

import { backoffMs } from "./backoff.ts";

test("grows, and is never long", () => {
  expect([0, 1, 2, 3].map((failures) => backoffMs(failures, () => 1))).toEqual([200, 400, 800, 1600]);
  expect(backoffMs(0, () => 0)).toBe(100);
  expect(backoffMs(5000, () => 1)).toBe(10_000);
});
