import { expect, test } from "bun:test";

import { Marks } from "./marks.ts";
import { windowMs } from "./port.ts";

test("a mark counts until its window is over, and anew when it is made again", () => {
  const clock = { now: 1 };
  const marks = new Marks(windowMs, () => clock.now);
  marks.add("a");
  clock.now += windowMs - 1;
  expect([marks.has("a"), marks.leftMs("a"), marks.has("b")]).toEqual([true, 1, false]);
  marks.add("a");
  clock.now += windowMs - 1;
  expect(marks.has("a")).toBe(true);
  clock.now += 1;
  expect([marks.has("a"), marks.leftMs("a")]).toEqual([false, 0]);
});

test("keeps no more than the marks of one window", () => {
  const clock = { now: 1 };
  const marks = new Marks(windowMs, () => clock.now);
  for (let i = 0; i < 100_000; i++) {
    clock.now += 5;
    marks.add(`user ${i}`);
    // One that is marked over and over must not keep the others from being forgotten.
    marks.add("a");
  }
  expect(marks.size).toBeLessThanOrEqual(windowMs / 5 + 2);
});
