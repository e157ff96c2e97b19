import { cancelUpload, pendingStates, type Upload } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import { mustBeHere } from "../peers/mod.ts";
import type { Principal } from "../router.ts";
import { ownUpload } from "./ownership.ts";

/**
 * Ends an upload and frees what it holds. Its row stays for a while, so that asking again answers the same. One that
 * is done already stays done: its file is deleted as files are.
 */
export async function cancelOwnUpload(ctx: Context, principal: Principal, id: string): Promise<void> {
  const upload = await ownUpload(ctx, principal, id);
  if (!pendingStates.includes(upload.state)) return;
  // Should that node be away, the row alone is cancelled: its own sweep removes the bytes when it is back.
  mustBeHere(ctx, upload.node, { ifAway: async () => void (await cancelRow(ctx, upload)) });
  if (!(await cancelRow(ctx, upload))) return;
  await ctx.inflight.abort(id, new AppError("upload-closed", `upload ${id} was cancelled`));
  await ctx.spool.remove(id);
  await ctx.progress.drop(id);
}

/** @returns whether it was still to be cancelled. */
async function cancelRow(ctx: Context, { id, userId }: Upload): Promise<boolean> {
  const now = ctx.now();
  ctx.justOpened.forget(id);
  const isCancelled = await cancelUpload(ctx.catalog, id, now, now + ctx.config.UPLOAD_TTL);
  if (isCancelled) await ctx.changed(userId);
  return isCancelled;
}
