import { type Upload, uploadById } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";

/**
 * The spool file of an open upload is not there any more: the upload begins anew with an empty one, and every
 * chunk is missing. One at a time, and not when it is there again, so that nothing that came since is lost.
 *
 * @throws {AppError} `upload-closed` when it is not open any more.
 */
export async function startOver(ctx: Context, { id, size }: Pick<Upload, "id" | "size">): Promise<void> {
  await ctx.admission(async () => {
    // A cancel takes the file, too, its log before its bytes, and ends the chunks that are on their way: one that had not
    // begun to write ends here.
    const state = (await uploadById(ctx.catalog.db, id))?.state;
    if (state !== "open") throw new AppError("upload-closed", `upload ${id} is ${state ?? "gone"}; it takes no more chunks`);
    if (await ctx.spool.has(id, size)) return;
    ctx.log.error({ uploadId: id }, "the spool file of an open upload is gone; starting over");
    await ctx.inflight.abort(id, new AppError("unavailable", "the upload starts over", { retryAfterSeconds: 1 }));
    await ctx.spool.create(id, size);
    await ctx.progress.drop(id);
  });
}
