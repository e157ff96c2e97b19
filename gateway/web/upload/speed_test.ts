import { expect, test } from "bun:test";

import { Speed } from "./speed.ts";

test("tells nothing before half a second, then the mean of the last six seconds", () => {
  const speed = new Speed();
  speed.note(0, 0);
  speed.note(100, 400);
  expect(speed.bytesPerSecond(400)).toBeNull();
  for (let second = 1; second <= 20; second++) speed.note(100 + second * 1000, second * 1000);
  expect(speed.bytesPerSecond(20_000)).toBe(1000);
});

test("starts anew when the count falls", () => {
  const speed = new Speed();
  speed.note(5000, 0);
  speed.note(9000, 1000);
  speed.note(100, 2000);
  expect(speed.bytesPerSecond(2000)).toBeNull();
});

test("falls while nothing moves", () => {
  const speed = new Speed();
  speed.note(0, 0);
  speed.note(6000, 1000);
  expect(speed.bytesPerSecond(6000)).toBe(1000);
});
