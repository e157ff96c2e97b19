import { expect, test } from "bun:test";

import { leaseMs, Leases } from "./leases.ts";

test("a lease is held for less than it lasts, counted from when it was asked for", () => {
  const clock = { now: 1000 };
  const leases = new Leases(() => clock.now);
  leases.grant("a", clock.now - 100);
  expect([leases.has("a"), leases.has("b")]).toEqual([true, false]);
  clock.now += leaseMs - 100 - 1;
  expect(leases.has("a")).toBe(false);
});

test("none is held once all are given up", () => {
  const leases = new Leases(() => 1);
  leases.grant("a", 0);
  leases.clear();
  expect(leases.has("a")).toBe(false);
});
