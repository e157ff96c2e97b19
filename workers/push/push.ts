import { type Blob, blobById, dueBlobs, storeBlob } from "#db/blobs.ts";
import { touchFilesOf } from "#db/files.ts";

import type { WorkerContext } from "../context.ts";
import { objectKey } from "../object_key.ts";
import type { Job, RowWorker, Verdict } from "../worker.ts";

/** How long the spool keeps bytes that the store has: for downloads that looked at the row just before. */
const lingerMs = 1000;

/** Puts a spooled blob into the store, then says so on its row, then frees the spool. */
export const push: RowWorker = {
  name: "push",
  table: "blobs",
  state: "spooled",
  due: (ctx, limit) => dueBlobs(ctx.catalog, "spooled", ctx.node, ctx.now(), limit),
  run: async (ctx, job) => {
    const blob = await blobById(ctx.catalog.db, job.lease.id);
    if (!blob?.spoolId) return { kind: "done", note: "the blob is gone" };
    // A message may be older than the row. The workers of that node find it by themselves.
    if (blob.node !== ctx.node) return { kind: "done", note: `its bytes lie on node ${blob.node}` };
    if (!(await ctx.spool.has(blob.spoolId, blob.size)))
      return { kind: "park", reason: "its spool file is gone, and no store has it" };
    return await put(ctx, job, blob, blob.spoolId);
  },
};

async function put(ctx: WorkerContext, job: Job, blob: Blob, spoolId: string): Promise<Verdict> {
  const key = objectKey(blob);
  await ctx.store.put(key, { path: ctx.spool.path(spoolId), size: blob.size, sha256: blob.sha256 }, job.signal);
  ctx.fault("push.after-put");
  const owners = await ctx.catalog.transaction(async (tx) => {
    const isStored = await storeBlob(tx, job.lease, { store: ctx.store.engine, key });
    return isStored ? await touchFilesOf(tx, blob.id, ctx.now()) : undefined;
  });
  if (!owners) return await yieldTo(ctx, blob, key);
  ctx.fault("push.after-commit");
  await ctx.changed(...owners);
  ctx.lifecycle.background("free spool", async () => {
    await Bun.sleep(lingerMs);
    await ctx.spool.remove(spoolId);
  });
  return { kind: "done" };
}

/**
 * The blob is somebody else's by now. One that is purged may have had its object deleted before this put made it again:
 * nobody else would ever look for it. The key holds the blob's id, so no other blob can need it.
 */
async function yieldTo(ctx: WorkerContext, { id }: Blob, key: string): Promise<Verdict> {
  const blob = await blobById(ctx.catalog.db, id);
  if (blob === undefined || blob.state === "purging") await ctx.store.delete(key, ctx.lifecycle.aborted);
  return { kind: "done", note: "purged or taken over meanwhile" };
}
