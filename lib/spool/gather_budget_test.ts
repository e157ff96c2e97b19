import { describe, expect, test } from "bun:test";

import { GatherBudget, type GatherShare } from "./gather_budget.ts";

const sizes = (shares: GatherShare[]) => shares.map(({ buffer }) => buffer.byteLength);

describe("the gather budget", () => {
  const limits = { totalBytes: 100, mostBytes: 30, leastBytes: 5 };

  test("gives each writer the most while there is enough, and the least at last", () => {
    const budget = new GatherBudget(limits);
    expect(sizes(Array.from({ length: 6 }, () => budget.join()))).toEqual([30, 30, 30, 10, 5, 5]);
  });

  test("gives again what was given back, the same memory", () => {
    const budget = new GatherBudget(limits);
    const shares = Array.from({ length: 6 }, () => budget.join());
    for (const share of shares) share[Symbol.dispose]();
    const again = Array.from({ length: 6 }, () => budget.join());
    expect(sizes(again)).toEqual([30, 30, 30, 10, 5, 5]);
    expect(again[0]!.buffer).toBe(shares[2]!.buffer);
    expect(new Set(again.map(({ buffer }) => buffer)).size).toBe(6);
  });
});
