import type { StoredFile } from "#db/stored_file.ts";

import type { Context } from "../context.ts";

/**
 * Tells whoever listens that a user has a new file, and the push worker that its bytes wait, if they do. The row
 * says so already: should the queue be away, the sweep finds it, and the request is not failed for it.
 */
export async function announceFile(ctx: Context, { file, blob }: StoredFile, requestId: string): Promise<void> {
  await ctx.changed(file.userId);
  if (blob.state !== "spooled") return;
  try {
    await ctx.queue.publish({ v: 1, worker: "push", id: blob.id, node: blob.node, requestId });
  } catch (error) {
    ctx.log.warn({ err: error, blobId: blob.id, requestId }, "push not announced; the sweep will find it");
  }
}
