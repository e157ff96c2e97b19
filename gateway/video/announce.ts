import type { BlobPlace } from "#db/stored_file.ts";

import type { Context } from "../context.ts";

/**
 * Tells the probe worker that a video waits, of the node that its bytes still lie on. As with pushes the row says so
 * already: should the queue be away, the worker finds it by itself.
 */
export async function announceVideo(ctx: Context, id: string, { state, node }: BlobPlace, requestId: string): Promise<void> {
  try {
    await ctx.queue.publish({ v: 1, worker: "probe", id, node: state === "spooled" ? node : null, requestId });
  } catch (error) {
    ctx.log.warn({ err: error, videoId: id, requestId }, "probe not announced; the worker will find it");
  }
}
