import { expect, test } from "bun:test";

import { endOf } from "./end_of.ts";

test("says whether a share has ended, or that it does not", () => {
  const end = "2026-01-01T00:00:00.000Z";
  expect(endOf(null)).toBe("");
  expect(endOf(end, Date.parse(end) - 1)).toMatch(/^Ends .*202[56]/);
  expect(endOf(end, Date.parse(end))).toMatch(/^Ended .*202[56]/);
});
