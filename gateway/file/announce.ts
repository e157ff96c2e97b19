import type { StoredFile } from "#db/stored_file.ts";

import type { Context } from "../context.ts";

/** {@link announceFiles} of one. */
export async function announceFile(ctx: Context, made: StoredFile, requestId: string): Promise<void> {
  await announceFiles(ctx, made.file.userId, [made], requestId);
}

/**
 * Tells whoever listens that a user has new files, and the push worker which bytes wait, if any do. The rows
 * say so already: should the queue be away, the sweep finds them, and the request is not failed for it.
 */
export async function announceFiles(ctx: Context, userId: string, made: StoredFile[], requestId: string): Promise<void> {
  await ctx.changed(userId);
  const waiting = new Map(made.flatMap(({ blob }) => (blob.state === "spooled" ? [[blob.id, blob.node]] : [])));
  await Promise.all(Array.from(waiting, ([id, node]) => announcePush(ctx, id, node, requestId)));
}

async function announcePush(ctx: Context, id: string, node: string | null, requestId: string): Promise<void> {
  try {
    await ctx.queue.publish({ v: 1, worker: "push", id, node, requestId });
  } catch (error) {
    ctx.log.warn({ err: error, blobId: id, requestId }, "push not announced; the sweep will find it");
  }
}
