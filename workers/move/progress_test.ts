import { expect, test } from "bun:test";

import { progressWriter, shareOf } from "./progress.ts";

const half = { doneBytes: 5 * 2 ** 20, totalBytes: 10 * 2 ** 20, copiesLeft: 3, parked: 1 };

test("on a terminal it is a bar that is drawn over itself", () => {
  const written: string[] = [];
  const show = progressWriter((text) => written.push(text), true);
  show(half, false);
  show({ ...half, copiesLeft: 0, doneBytes: half.totalBytes, parked: 0 }, true);
  expect(written[0]).toBe(
    "\r\u001b[K[###############...............] 50 %, 5.0 of 10.0 MiB, 3 left, 1 of them wait for a person (parked)",
  );
  expect(written[1]).toBe(`\r\u001b[K[${"#".repeat(30)}] 100 %, 10.0 of 10.0 MiB, 0 left\n`);
});

test("elsewhere it is a line now and then, and one at the end", () => {
  const written: string[] = [];
  const show = progressWriter((text) => written.push(text), false);
  for (let i = 0; i < 5; i++) show(half, false);
  expect(written).toEqual([]);
  show(half, true);
  expect(written).toEqual(["50 %, 5.0 of 10.0 MiB, 3 left, 1 of them wait for a person (parked)\n"]);
});

test("empty files are done when none is left, and no earlier", () => {
  expect(shareOf({ doneBytes: 0, totalBytes: 0, copiesLeft: 2, parked: 0 })).toBe(0);
  expect(shareOf({ doneBytes: 0, totalBytes: 0, copiesLeft: 0, parked: 0 })).toBe(1);
});
