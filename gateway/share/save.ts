import { fileById, linkFile } from "#db/files.ts";
import { mustKeepQuota } from "#db/room.ts";
import { countIn } from "#db/share_downloads.ts";
import type { LiveShare } from "#db/shares.ts";
import type { StoredFile } from "#db/stored_file.ts";
import { newId } from "#lib/id/mod.ts";

import type { Context } from "../context.ts";
import { announceFile } from "../file/announce.ts";
import type { Principal } from "../router.ts";
import { usedUp } from "./download.ts";
import { liveShare, mustNotBeOver, noShare } from "./open.ts";

/**
 * Gives the caller a file of a share's content: no bytes move. It counts as a download, for the caller has the whole from then
 * on; in the transaction that makes the file, so that `maxDownloads` holds and a share that ends gives nothing more.
 *
 * @param share that the caller was let open.
 * @throws {AppError} `no-space` past the caller's quota, `share-expired` where no download is left, `not-found` when it was
 *   deleted meanwhile.
 */
export async function saveShare(ctx: Context, principal: Principal, share: LiveShare, requestId: string): Promise<StoredFile> {
  const { userId } = principal;
  const source = await fileById(ctx.catalog, share.fileId, share.userId);
  if (!source) throw noShare(share.code);
  const { name, sha1, size } = source.file;
  const now = ctx.now();
  const made = await linkFile(ctx.catalog, { id: newId(now), userId, name, sha1, size, now }, async (tx) => {
    await mustKeepQuota(ctx, tx, userId);
    if (await countIn(tx, share.id, now)) return;
    mustNotBeOver(await liveShare(ctx, share.code), now);
    throw usedUp(share);
  });
  if (!made) throw noShare(share.code);
  await announceFile(ctx, made, requestId);
  return made;
}
