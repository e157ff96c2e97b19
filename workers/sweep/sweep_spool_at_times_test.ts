import { expect, test } from "bun:test";

import { newId } from "#lib/id/mod.ts";
import type { SpoolEntry } from "#lib/spool/mod.ts";

import { testWorkers } from "../testing.ts";
import { sweepSpoolAtTimes } from "./sweep_spool_at_times.ts";

/** A spool that says it holds so many files, and counts how often it is asked. */
async function spoolOf(count: number) {
  const workers = await testWorkers();
  const { ctx } = workers;
  const entries = Array.from({ length: count }, (): SpoolEntry => ({ id: newId(), modifiedAt: ctx.now(), diskBytes: 0 }));
  const asked: number[] = [];
  const list = async () => {
    asked.push(performance.now());
    return entries;
  };
  const stop = async () => await workers[Symbol.asyncDispose]();
  return { ctx: { ...ctx, spool: { ...ctx.spool, list } }, asked, [Symbol.asyncDispose]: stop };
}

test("a small spool is looked at each time", async () => {
  await using spool = await spoolOf(1000);
  for (let i = 0; i < 3; i++) await sweepSpoolAtTimes(spool.ctx);
  expect(spool.asked).toHaveLength(3);
});

test("a large one is left alone for twenty times as long as a look took, and then looked at again", async () => {
  await using spool = await spoolOf(1001);
  const begun = performance.now();
  await sweepSpoolAtTimes(spool.ctx);
  const tookAtMost = performance.now() - begun;
  while (spool.asked.length < 2) {
    await Bun.sleep(1);
    await sweepSpoolAtTimes(spool.ctx);
  }
  const [first = 0, second = 0] = spool.asked;
  // Twenty, less what a pause between two readings of the clock may take.
  expect((second - first) / tookAtMost).toBeGreaterThan(10);
});
