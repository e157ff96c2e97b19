import { expect, test } from "bun:test";

import { createPacer } from "./pacer.ts";

test("lets go at once what is behind the rate", async () => {
  const clock = { at: 0 };
  const pacer = createPacer(1000, () => clock.at);
  await pacer.next(500);
  clock.at = 500;
  await pacer.next(500);
  // Time that was not used is not made up for.
  clock.at = 60_000;
  await pacer.next(500);
  const waiting = pacer.next(500);
  expect(await Promise.race([waiting.then(() => "went"), Bun.sleep(5).then(() => "waits")])).toBe("waits");
  pacer.stop();
  await waiting;
});

test("waits no less than the rate asks for", async () => {
  const pacer = createPacer(100_000);
  const begin = performance.now();
  for (let i = 0; i < 5; i++) await pacer.next(2500);
  // The fifth goes once four have been given their time.
  expect(performance.now() - begin).toBeGreaterThan(95);
});

test("does not wait any more once it is stopped, nor without a rate", async () => {
  const stopped = createPacer(1);
  stopped.stop();
  for (let i = 0; i < 3; i++) await stopped.next(1e9);
  const free = createPacer(0);
  for (let i = 0; i < 3; i++) await free.next(1e9);
});
