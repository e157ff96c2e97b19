import { expect, test } from "bun:test";

import { createStall } from "./stall.ts";

const limitMs = 40;
const reason = () => new Error("stalled");
async function* pieces(count: number, delayMs: number) {
  for (let i = 0; i < count; i++) {
    await Bun.sleep(delayMs);
    yield Uint8Array.of(i);
  }
}

test("a client that is slow stalls nobody", async () => {
  const stall = createStall(limitMs, reason);
  for await (const _ of stall.watch(pieces(3, 2 * limitMs)));
  expect(stall.signal.aborted).toBe(false);
  stall.end();
});

test("a reader that takes no more is noticed", async () => {
  const stall = createStall(limitMs, reason);
  const body = stall.watch(pieces(3, 0));
  await body.next();
  await Bun.sleep(5 * limitMs);
  expect(stall.signal.reason).toEqual(reason());
});

test("an answer that does not come is noticed, after a body and without one", async () => {
  const [after, without] = [createStall(limitMs, reason), createStall(limitMs, reason)];
  for await (const _ of after.watch(pieces(1, 0)));
  without.wait();
  await Bun.sleep(5 * limitMs);
  expect([after.signal.aborted, without.signal.aborted]).toEqual([true, true]);
});

test("what is over is not waited for, even while its body still goes on", async () => {
  const stall = createStall(limitMs, reason);
  stall.wait();
  const body = stall.watch(pieces(2, 0));
  await body.next();
  stall.end();
  await body.next();
  await Bun.sleep(5 * limitMs);
  expect(stall.signal.aborted).toBe(false);
});
