import { copiesToDrop, type Copy, forgetCopy, postponeDrops } from "#db/copies.ts";

import type { WorkerContext } from "../context.ts";

/** What a store that is away still has waits for this long before it is asked again. */
const postponeMs = 60_000;

/**
 * Deletes the objects that moves have left behind, and copies that nobody wants any more, once their time has come, and then
 * their rows. It needs no lease: each object has a key of its own, so that deleting it twice, or late, harms nothing.
 */
export async function removeDueCopies(ctx: WorkerContext): Promise<void> {
  const { catalog, config, lifecycle } = ctx;
  const now = ctx.now();
  const away = new Set<string>();
  let due = await copiesToDrop(catalog, now, config.PURGE_BATCH);
  while (due.length > 0) {
    for (const copy of due) {
      // What is left, the next one finds.
      if (lifecycle.stopping.aborted) return;
      if (!away.has(copy.store) && !(await remove(ctx, copy, now))) away.add(copy.store);
    }
    due = due.length < config.PURGE_BATCH ? [] : await copiesToDrop(catalog, now, config.PURGE_BATCH);
  }
}

/** @returns `false` where the store could not do it: all that waits for that store waits longer, and no other. */
async function remove(ctx: WorkerContext, copy: Copy, now: number): Promise<boolean> {
  const { id, store, key } = copy;
  try {
    await ctx.stores.named(store).delete(key, ctx.lifecycle.aborted);
  } catch (error) {
    ctx.log.warn({ worker: "purge", copyId: id, store, err: error }, "a copy could not be deleted; it is tried again");
    await postponeDrops(ctx.catalog, store, now, now + postponeMs);
    return false;
  }
  ctx.fault("drop.after-delete");
  await forgetCopy(ctx.catalog, copy);
  return true;
}
