import { expect, test } from "bun:test";

import { WritePace } from "./write_pace.ts";

test("a write that takes no longer than a copy keeps the pace", () => {
  const pace = new WritePace();
  for (const ms of [3, 49, 3, 49]) pace.took(ms);
  expect(pace.isOnLoop).toBe(true);
});

test("one slow write may be a core that others had; the second within a second goes to threads, and so does a very slow one", () => {
  const pace = new WritePace();
  pace.took(60);
  pace.took(1);
  expect(pace.isOnLoop).toBe(true);
  pace.took(60);
  expect(pace.isOnLoop).toBe(false);
  const other = new WritePace();
  other.took(300);
  expect(other.isOnLoop).toBe(false);
});

test("comes back to the loop after a while, where one more slow write is enough", async () => {
  const pace = new WritePace();
  pace.took(300);
  await Bun.sleep(260);
  expect(pace.isOnLoop).toBe(true);
  pace.took(60);
  expect(pace.isOnLoop).toBe(false);
});
