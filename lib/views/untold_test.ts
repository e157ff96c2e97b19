import { expect, test } from "bun:test";

import { Untold } from "./untold.ts";

/** A listener that counts each id once, and fails as it is told to, before or after it has counted. */
function listening() {
  const heard = new Map<string, number>();
  const ids = new Set<string>();
  const fails: ("before" | "after")[] = [];
  const tell = async (id: string, counts: Map<string, number>) => {
    const fail = fails.shift();
    if (fail === "before") throw new Error("not heard");
    if (!ids.has(id)) for (const [key, count] of counts) heard.set(key, (heard.get(key) ?? 0) + count);
    ids.add(id);
    await Bun.sleep(1);
    if (fail === "after") throw new Error("heard, and not answered");
  };
  return { heard, ids, fails, untold: new Untold(tell) };
}

test("tells all of a moment at once", async () => {
  const { heard, ids, untold } = listening();
  for (let i = 0; i < 100; i++) untold.add(i % 4 === 0 ? "a" : "b");
  expect([untold.of("a"), untold.of("b")]).toEqual([25, 75]);
  await untold.flush();
  expect([heard.get("a"), heard.get("b"), ids.size]).toEqual([25, 75, 1]);
  expect(untold.of("a")).toBe(0);
  untold.stop();
});

test("what fails is told again, and counts once", async () => {
  const { heard, fails, untold } = listening();
  fails.push("before", "after", "after", "before");
  untold.add("a");
  for (let i = 0; i < 5; i++) {
    await untold.flush();
    untold.add("a");
  }
  await untold.flush();
  await untold.flush();
  expect([heard.get("a"), untold.of("a")]).toEqual([6, 0]);
  untold.stop();
});

test("says with each telling which one was heard last", async () => {
  const told: (string | null)[][] = [];
  let fails = true;
  const untold = new Untold(async (id, _, heard) => {
    told.push([id, heard]);
    fails = !fails;
    if (fails) throw new Error("not heard");
  });
  for (let i = 0; i < 4; i++) {
    untold.add("a");
    await untold.flush();
  }
  untold.stop();
  const [first, second, again, third] = told;
  expect(told).toHaveLength(4);
  expect(first?.[1]).toBeNull();
  expect(second).toEqual(again ?? []);
  expect([second?.[1], third?.[1]]).toEqual([first?.[0], second?.[0]]);
});

test("tells by itself", async () => {
  const { heard, fails, untold } = listening();
  fails.push("before");
  untold.add("a");
  while (untold.of("a") > 0) await Bun.sleep(5);
  expect(heard.get("a")).toBe(1);
  untold.stop();
});

test("flushes that meet tell nothing twice, and each ends when its views are told", async () => {
  const { heard, ids, untold } = listening();
  const flushes = [];
  for (let i = 0; i < 20; i++) {
    untold.add("a");
    flushes.push(untold.flush());
  }
  await Promise.all(flushes);
  expect([heard.get("a"), untold.of("a")]).toEqual([20, 0]);
  expect(ids.size).toBeLessThanOrEqual(20);
  untold.stop();
});
