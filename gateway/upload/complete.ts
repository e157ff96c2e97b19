import { closeUpload, type Upload } from "#db/uploads.ts";
import { AppError, isAppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import { mustBeHere } from "../peers/mod.ts";
import type { Principal } from "../router.ts";
import { ownUpload } from "./ownership.ts";
import { startOver } from "./start_over.ts";

/**
 * Hands an upload to the merge worker. Takes the same time for any size, but for bytes that the disk still has to
 * take. Asked again, it answers the same.
 *
 * @returns the upload as it stands now.
 * @throws {AppError} `no-such-upload`, `incomplete` with `missing`, `upload-closed` when it was cancelled.
 * @throws {ElsewhereError}
 */
export async function completeUpload(ctx: Context, principal: Principal, id: string, requestId: string): Promise<Upload> {
  const upload = await ownUpload(ctx, principal, id);
  if (upload.state === "cancelled") throw new AppError("upload-closed", `upload ${id} is cancelled; begin a new one`);
  if (upload.state !== "open") return upload;
  mustBeHere(ctx, upload.node);
  const chunks = await ctx.progress.received(id, upload.chunkCount);
  if (!chunks.complete) throw incomplete(upload, chunks.missing());
  await makeDurable(ctx, upload);
  ctx.justOpened.forget(id);
  if (await closeUpload(ctx.catalog, id, ctx.now(), requestId)) {
    ctx.fault("complete.after-commit");
    // Nobody is shown its chunks any more: what was not told of them yet need not be.
    await ctx.progress.drop(id);
    await announce(ctx, upload, requestId);
  }
  return await ownUpload(ctx, principal, id);
}

async function makeDurable(ctx: Context, upload: Upload): Promise<void> {
  try {
    await ctx.spool.sync(upload.id);
  } catch (error) {
    if (!isAppError(error, "content-lost")) throw error;
    await startOver(ctx, upload);
    throw incomplete(upload, (await ctx.progress.received(upload.id, upload.chunkCount)).missing());
  }
}

/** The row says it already; the message saves waiting for the next look. */
async function announce(ctx: Context, { id, userId, node }: Upload, requestId: string): Promise<void> {
  await ctx.changed(userId);
  try {
    await ctx.queue.publish({ v: 1, worker: "merge", id, node, requestId });
  } catch (error) {
    ctx.log.warn({ err: error, uploadId: id, requestId }, "merge not announced; the sweep will find it");
  }
}

function incomplete({ id, chunkCount }: Upload, missing: number[]): AppError {
  return new AppError(
    "incomplete",
    `upload ${id} has ${chunkCount - missing.length} of ${chunkCount} chunks; send those in "missing"`,
    {
      extra: { missing },
    },
  );
}
