import { expect, test } from "bun:test";

import type { Usage } from "../support/usage.ts";
import { takenBetween } from "./taken.ts";

const usage = (cpuSeconds: number, rssBytes: number): Usage => ({ cpuSeconds, rssBytes, peakBytes: 9 });

test("tells of each process what it took in between, and what memory it has", () => {
  const [before, after] = [{ one: usage(2, 100) }, { one: usage(5, 80), other: usage(1, 50) }];
  expect(takenBetween(before, after)).toEqual({
    one: { cpuSeconds: 3, rssBytes: 80 },
    other: { cpuSeconds: 1, rssBytes: 50 },
  });
});
