import { purgeComments } from "#db/comments.ts";
import { forgetVideo, postponePurge, videosToPurge } from "#db/videos.ts";

import type { WorkerContext } from "../context.ts";
import { deleteEverywhere } from "../delete_everywhere.ts";
import { posterKey } from "../poster_key.ts";

/** A video that could not be removed lets others go first. */
const postponeMs = 60_000;

/** Removes videos whose grace period is over, `PURGE_BATCH` at a time: the comments, the poster, and the row last. */
export async function removeDueVideos(ctx: WorkerContext): Promise<void> {
  const { catalog, config, lifecycle } = ctx;
  const now = ctx.now();
  let due = await videosToPurge(catalog, now, config.PURGE_BATCH);
  while (due.length > 0) {
    for (const { id } of due) {
      // What is left, the next one finds.
      if (lifecycle.stopping.aborted) return;
      await remove(ctx, id, now).catch(async (error: unknown) => {
        ctx.log.warn({ worker: "purge", videoId: id, err: error }, "a video could not be removed; it is tried again");
        await postponePurge(catalog, id, now + postponeMs);
      });
    }
    due = due.length < config.PURGE_BATCH ? [] : await videosToPurge(catalog, now, config.PURGE_BATCH);
  }
}

async function remove(ctx: WorkerContext, id: string, now: number): Promise<void> {
  const { catalog, config, lifecycle } = ctx;
  let removed: number;
  do {
    removed = await purgeComments(catalog, id, config.PURGE_BATCH);
  } while (removed === config.PURGE_BATCH && !lifecycle.stopping.aborted);
  if (removed === config.PURGE_BATCH) return;
  // A probe may have put the poster and died before the row said so: the key is deleted in any case.
  await deleteEverywhere(ctx, posterKey(id), lifecycle.aborted);
  await forgetVideo(catalog, id, now);
}
