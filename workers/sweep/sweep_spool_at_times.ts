import type { Spool } from "#lib/spool/mod.ts";

import type { WorkerContext } from "../context.ts";
import { sweepSpool } from "./sweep_spool.ts";

/** Where so many files lie, a look takes a tenth of a second and more, of each process of workers. */
const manyFiles = 1000;
/** Then nobody looks again for so many times as long as it took. */
const restTimes = 20;

/** When each large spool is to be looked at again, by `performance.now`. */
const nextLooks = new WeakMap<Spool, number>();

/** {@link sweepSpool}, unless the last look at a large spool was just now: what it finds is in nobody's way. */
export async function sweepSpoolAtTimes(ctx: WorkerContext): Promise<void> {
  const begun = performance.now();
  if (begun < (nextLooks.get(ctx.spool) ?? 0)) return;
  const entries = await ctx.spool.list();
  await sweepSpool(ctx, { entries });
  const ended = performance.now();
  if (entries.length > manyFiles) nextLooks.set(ctx.spool, ended + restTimes * (ended - begun));
}
