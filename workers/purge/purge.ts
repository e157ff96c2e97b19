import { blobById, dueBlobs, forgetBlob } from "#db/blobs.ts";
import { filesToPurge, purgeFile } from "#db/files.ts";
import { purgeShares } from "#db/shares.ts";

import type { WorkerContext } from "../context.ts";
import { objectKey } from "../object_key.ts";
import type { RowWorker } from "../worker.ts";
import { removeDueVideos } from "./due_videos.ts";

/** Removes shares, videos and files whose grace period is over, and then the bytes that no file refers to any more. */
export const purge: RowWorker = {
  name: "purge",
  table: "blobs",
  state: "purging",
  due: async (ctx, limit) => {
    await removeDueShares(ctx);
    await removeDueVideos(ctx);
    await removeDueFiles(ctx);
    return await dueBlobs(ctx.catalog, "purging", ctx.node, ctx.now(), limit);
  },
  run: async (ctx, { lease, signal }) => {
    const blob = await blobById(ctx.catalog.db, lease.id);
    if (!blob) return { kind: "done", note: "the blob is gone" };
    // A push may have put the object and died before its row said so: the key is deleted in any case.
    await ctx.store.delete(blob.key ?? objectKey(blob), signal);
    if (blob.spoolId !== null && blob.node === ctx.node) await ctx.spool.remove(blob.spoolId);
    ctx.fault("purge.after-delete");
    return (await forgetBlob(ctx.catalog, lease)) ? { kind: "done" } : { kind: "done", note: "taken over meanwhile" };
  },
};

/** Rows alone: `PURGE_BATCH` at a time, until none is due. */
async function removeDueShares({ catalog, config, lifecycle, now }: WorkerContext): Promise<void> {
  let removed: number;
  do {
    removed = await purgeShares(catalog, now(), config.PURGE_BATCH);
  } while (removed === config.PURGE_BATCH && !lifecycle.stopping.aborted);
}

async function removeDueFiles(ctx: WorkerContext): Promise<void> {
  const now = ctx.now();
  for (const file of await filesToPurge(ctx.catalog, now, ctx.config.PURGE_BATCH)) await purgeFile(ctx.catalog, file, now);
}
