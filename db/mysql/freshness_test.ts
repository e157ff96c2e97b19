import { expect, test } from "bun:test";

import { createFreshness, maxLagMs } from "./freshness.ts";

function following() {
  const at = { now: 1000, writtenAt: 0, isAway: false };
  return { at, freshness: createFreshness(at, () => at.now) };
}

test("is not fresh before it has shown anything", () => {
  const { at, freshness } = following();
  expect(freshness.isFresh()).toBe(false);
  at.isAway = true;
  expect(freshness.isFresh()).toBe(false);
});

test("is fresh for as long as what it shows is no older than two seconds, whenever it was looked at", () => {
  const { at, freshness } = following();
  freshness.saw(900, 1000);
  expect(freshness.isFresh()).toBe(true);
  expect(freshness.lagMs()).toBe(100);
  at.now = 900 + maxLagMs;
  expect(freshness.isFresh()).toBe(true);
  at.now++;
  expect(freshness.isFresh()).toBe(false);
  freshness.saw(1000, at.now);
  expect(freshness.isFresh()).toBe(true);
});

test("a replica that answers, and shows only what is old, is not", () => {
  const { at, freshness } = following();
  for (at.now = 1000; at.now < 10_000; at.now += 250) freshness.saw(at.now - 3000, at.now);
  expect(freshness.isFresh()).toBe(false);
});

test("after it failed, only what is looked for later counts", () => {
  const { at, freshness } = following();
  freshness.saw(1000, 1000);
  at.now = 1100;
  freshness.failed();
  expect(freshness.isFresh()).toBe(false);
  freshness.saw(1050, 1090);
  expect(freshness.isFresh()).toBe(false);
  freshness.saw(1050, 1100);
  expect(freshness.isFresh()).toBe(true);
});

test("while the primary is away, it is fresh if it answers and has all that was written last", () => {
  const { at, freshness } = following();
  at.writtenAt = 1000;
  freshness.saw(1000, 1000);
  at.now = 9000;
  at.isAway = true;
  expect(freshness.isFresh()).toBe(false);
  freshness.saw(1000, 8900);
  expect(freshness.isFresh()).toBe(true);
  at.writtenAt = 1500;
  expect(freshness.isFresh()).toBe(false);
  [at.writtenAt, at.isAway] = [1000, false];
  expect(freshness.isFresh()).toBe(false);
});
