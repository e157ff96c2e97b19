import { expect, test } from "bun:test";

import { delayStep } from "./delay_step.ts";

test.each([
  [1, 1],
  [1000, 1],
  [1001, 2],
  [3000, 4],
  [375_000, 512],
  [512_000, 512],
  [3_600_000, 512],
])("a delay of %i ms waits %i s", (delayMs, seconds) => expect(delayStep(delayMs)).toBe(seconds));
