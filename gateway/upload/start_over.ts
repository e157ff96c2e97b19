import { type Upload, uploadById } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";

type Begun = Pick<Upload, "id" | "size">;

/** Those that are under way, by the upload: whoever finds the same meanwhile waits for that. */
const underWay = new Map<string, Promise<void>>();

/**
 * The spool file of an open upload is not there any more: the upload begins anew with an empty one, and every
 * chunk is missing. Not when it is there again, so that nothing that came since is lost.
 *
 * @throws {AppError} `upload-closed` when it is not open any more.
 */
export async function startOver(ctx: Context, upload: Begun): Promise<void> {
  const { id } = upload;
  const running = underWay.get(id) ?? beginAnew(ctx, upload).finally(() => underWay.delete(id));
  underWay.set(id, running);
  await running;
}

async function beginAnew(ctx: Context, { id, size }: Begun): Promise<void> {
  // A cancel takes the file, too, its log before its bytes, and ends the chunks that are on their way: one that had not
  // begun to write ends here.
  const state = (await uploadById(ctx.catalog.db, id))?.state;
  if (state !== "open") throw new AppError("upload-closed", `upload ${id} is ${state ?? "gone"}; it takes no more chunks`);
  if (await ctx.spool.has(id, size)) return;
  ctx.log.error({ uploadId: id }, "the spool file of an open upload is gone; starting over");
  await ctx.inflight.abort(id, new AppError("unavailable", "the upload starts over", { retryAfterSeconds: 1 }));
  await ctx.spool.create(id, size);
  await ctx.progress.drop(id);
}
