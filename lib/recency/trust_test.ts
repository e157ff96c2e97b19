import { expect, test } from "bun:test";

import { windowMs } from "./port.ts";
import { Trust } from "./trust.ts";

function trusting() {
  const clock = { now: 0 };
  return { clock, trust: new Trust(windowMs, () => clock.now) };
}

test("begins to believe a window after it first saw the epoch", () => {
  const { clock, trust } = trusting();
  clock.now = 2 * windowMs;
  expect(trust.sees("a")).toBe(false);
  clock.now += windowMs - 1;
  expect(trust.sees("a")).toBe(false);
  clock.now += 1;
  expect(trust.sees("a")).toBe(true);
});

test("begins anew when the epoch is another or is gone, and when the connection is another", () => {
  const { clock, trust } = trusting();
  const believesAgain = (epoch: string | null) => {
    clock.now += windowMs - 1;
    const early = trust.sees(epoch);
    clock.now += 1;
    return [early, trust.sees(epoch)];
  };
  trust.sees("a");
  expect(believesAgain("a")).toEqual([false, true]);
  expect(trust.sees("b")).toBe(false);
  expect(believesAgain("b")).toEqual([false, true]);
  trust.startOver();
  expect(believesAgain("b")).toEqual([false, true]);
  expect(trust.sees(null)).toBe(false);
  expect(believesAgain(null)).toEqual([false, false]);
});
