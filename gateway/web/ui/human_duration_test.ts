import { expect, test } from "bun:test";

import { humanDuration } from "./human_duration.ts";

test.each([
  [0.2, "1 s"],
  [59, "59 s"],
  [61, "1 min"],
  [3599, "1 h"],
  [7800, "2 h 10 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(humanDuration(seconds).replaceAll("\u00a0", " ")).toBe(text);
});
