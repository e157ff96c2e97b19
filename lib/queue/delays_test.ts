import { expect, test } from "bun:test";

import { createDelays } from "./delays.ts";

test("does what is put off, the shortest delay first", async () => {
  const done: string[] = [];
  const delays = createDelays(10);
  delays.add(40, () => void done.push("late"));
  delays.add(5, () => void done.push("soon"));
  await Bun.sleep(80);
  expect(done).toEqual(["soon", "late"]);
});

test("drops the oldest when there are too many, and all when cleared", async () => {
  const done: number[] = [];
  const delays = createDelays(2);
  for (const i of [1, 2, 3]) delays.add(5, () => void done.push(i));
  await Bun.sleep(30);
  expect(done).toEqual([2, 3]);
  delays.add(5, () => void done.push(4));
  delays.clear();
  await Bun.sleep(30);
  expect(done).toEqual([2, 3]);
});

test("does not take a delay longer than timers know for none", async () => {
  const delays = createDelays(2);
  let done = false;
  delays.add(2 ** 40, () => (done = true));
  await Bun.sleep(20);
  expect(done).toBe(false);
  delays.clear();
});
