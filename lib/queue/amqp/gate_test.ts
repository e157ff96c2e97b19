import { expect, test } from "bun:test";

import { createGate } from "./gate.ts";

const never = new AbortController().signal;

test("lets so many in, and the next when one leaves, in order", async () => {
  const gate = createGate(2);
  const inside: number[] = [];
  const all = [1, 2, 3, 4].map((i) => gate.enter(never).then(() => inside.push(i)));
  await Bun.sleep(1);
  expect(inside).toEqual([1, 2]);
  gate.leave();
  await all[2];
  expect(inside).toEqual([1, 2, 3]);
  gate.leave();
  await Promise.all(all);
  expect(inside).toEqual([1, 2, 3, 4]);
});

test("who gives up waiting takes no place", async () => {
  const gate = createGate(1);
  await gate.enter(never);
  const reason = new Error("given up by the test");
  const controller = new AbortController();
  const waiting = gate.enter(controller.signal).catch((error: unknown) => error);
  controller.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await gate.enter(controller.signal).catch((error: unknown) => error)).toBe(reason);
  gate.leave();
  await gate.enter(never);
  gate.leave();
});
