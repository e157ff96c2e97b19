import { type Blob, blobById } from "#db/blobs.ts";
import { type Copy, copyById, dueCopies, finishCopy, giveUpCopy, isNeeded } from "#db/copies.ts";
import { AppError, isAppError } from "#lib/errors/mod.ts";

import type { WorkerContext } from "../context.ts";
import type { Job, RowWorker, Verdict } from "../worker.ts";
import { stage } from "./stage.ts";

/**
 * Makes copies of stored blobs in other stores: second ones, and those of moves. The bytes are read and hashed, put, and looked
 * at once more, before any row says that they are there; what a move leaves goes later (`removeDueCopies`).
 */
export const copy: RowWorker = {
  name: "copy",
  table: "copies",
  state: "wanted",
  due: (ctx, limit) => dueCopies(ctx.catalog, ctx.now(), limit),
  run: async (ctx, job) => {
    const wanted = await copyById(ctx.catalog.db, job.lease.id);
    const blob = wanted && (await blobById(ctx.catalog.db, wanted.blobId));
    if (wanted === undefined) return { kind: "done", note: "the copy is gone" };
    if (blob?.state !== "stored" || blob.store === wanted.store) return await giveUp(ctx, job, wanted);
    // Before the bytes are fetched in vain.
    ctx.stores.mustNotBeAway(wanted.store);
    const staged = await stage(ctx, job, wanted, blob);
    if (typeof staged === "string") return { kind: "park", reason: staged };
    await using file = staged;
    ctx.fault("copy.before-put");
    await put(ctx, job, wanted, blob, file.path);
    ctx.fault("copy.after-put");
    const isHeld = await finishCopy(ctx.catalog, job.lease, wanted, ctx.now() + ctx.config.MOVE_GRACE);
    if (!isHeld) return await giveUp(ctx, job, wanted);
    ctx.fault("copy.after-commit");
    return { kind: "done" };
  },
};

async function put(
  { stores }: WorkerContext,
  { signal }: Job,
  wanted: Copy,
  { size, sha256 }: Blob,
  path: string,
): Promise<void> {
  const target = stores.named(wanted.store);
  try {
    await target.put(wanted.key, { path, size, sha256 }, signal);
  } catch (error) {
    if (isAppError(error, "unavailable")) stores.noteAway(wanted.store);
    throw error;
  }
  const held = await target.head(wanted.key, signal);
  if (held?.size === size) return;
  throw new AppError(
    "checksum-mismatch",
    `${wanted.store} says that ${wanted.key} has ${held?.size ?? "no"} bytes, must be ${size}`,
  );
}

/** The blob was purged, or the copy taken back or taken over: what was put is deleted, if no row needs it. */
async function giveUp(ctx: WorkerContext, { lease }: Job, { blobId, store, key }: Copy): Promise<Verdict> {
  // Then it is the purge's to delete.
  if (await giveUpCopy(ctx.catalog, lease)) return { kind: "done", note: "it is not needed any more" };
  if (!(await isNeeded(ctx.catalog.db, { store, key }, blobId))) await ctx.stores.named(store).delete(key, ctx.lifecycle.aborted);
  return { kind: "done", note: "taken back or taken over meanwhile" };
}
