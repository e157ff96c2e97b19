import { expect, test } from "bun:test";

import { Tally } from "./tally.ts";

test("counts by key, and begins anew once it was taken", () => {
  const tally = new Tally();
  tally.add("a");
  tally.add("b", 3);
  tally.add("a");
  expect([tally.of("a"), tally.of("b"), tally.of("c"), tally.size]).toEqual([2, 3, 0, 2]);
  const taken = tally.take();
  tally.add("a");
  expect([...taken]).toEqual([
    ["a", 2],
    ["b", 3],
  ]);
  expect([tally.of("a"), tally.of("b"), tally.size]).toEqual([1, 0, 1]);
});
