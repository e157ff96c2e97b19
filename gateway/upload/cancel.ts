import { cancelUpload } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";
import { ownUpload } from "./ownership.ts";

/**
 * Ends an upload and frees what it holds. Its row stays for a while, so that asking again answers the same. One that
 * is done already stays done: its file is deleted as files are.
 */
export async function cancelOwnUpload(ctx: Context, principal: Principal, id: string): Promise<void> {
  const upload = await ownUpload(ctx, principal, id);
  const now = ctx.now();
  if (!(await cancelUpload(ctx.catalog, id, now, now + ctx.config.UPLOAD_TTL))) return;
  await ctx.inflight.abort(id, new AppError("upload-closed", `upload ${id} was cancelled`));
  await ctx.spool.remove(id);
  await ctx.progress.drop(id);
  ctx.queue.notify(upload.userId);
}
