import { fileById } from "#db/files.ts";
import { countDownload, type Grant, isGranted } from "#db/share_downloads.ts";
import type { LiveShare } from "#db/shares.ts";
import { AppError } from "#lib/errors/mod.ts";
import type { ByteRange } from "#lib/store/mod.ts";

import type { Context } from "../context.ts";
import { attachment, download } from "../file/download.ts";
import { liveShare, mustNotBeOver, noShare } from "./open.ts";

/** Who downloads. */
export interface Downloader {
  /** The client's IP address. */
  address: string;
  /** Whether a trusted proxy sent the request. */
  isProxied: boolean;
  request: Request;
}

/** How long whoever began a download may go on with it, or come back for other ranges of it. */
const goOnMs = 24 * 3_600_000;

/**
 * Answers a GET or HEAD for a share's bytes as a download of its file is answered. A download is counted with the first byte of
 * the file: whoever asks for the whole, or for a range that begins there. Other ranges are the same download for a day, to
 * an address that was counted; to any other, one of its own.
 *
 * @throws {AppError} `share-expired` where no download is left, `not-found` when it was deleted meanwhile, and what a
 *   download throws.
 * @throws {ElsewhereError}
 */
export async function downloadShare(ctx: Context, share: LiveShare, downloader: Downloader): Promise<Response> {
  const stored = await fileById(ctx.catalog, share.fileId, share.userId);
  if (!stored) throw noShare(share.code);
  const { request, isProxied } = downloader;
  return await download(ctx, stored, request, isProxied, {
    ...attachment(stored.file.name),
    admit: (ranges) => admit(ctx, share, downloader, ranges),
  });
}

async function admit(ctx: Context, share: LiveShare, downloader: Downloader, ranges: ByteRange[] | null): Promise<void> {
  const begins = ranges === null || ranges.some(({ offset }) => offset === 0);
  if (share.maxDownloads === null && !begins) return;
  const grant = share.maxDownloads === null ? undefined : grantFor(ctx, share, downloader);
  if (grant && (await isGranted(ctx.catalog.db, begins ? grant.keys.slice(1) : grant.keys, ctx.now()))) return;
  if (await countDownload(ctx.catalog, share.id, ctx.now(), grant)) return;
  mustNotBeOver(await liveShare(ctx, share.code), ctx.now());
  throw usedUp(share);
}

/**
 * Under the client's address, and under the front's name for the request: where the front cannot send the bytes itself, or a
 * gateway dies before it has answered, the front asks again, and that is no second download.
 */
function grantFor(ctx: Context, { id }: LiveShare, { address, isProxied, request }: Downloader): Grant {
  const asked = isProxied ? request.headers.get("x-accel-request") : null;
  const again = asked !== null && /^[0-9a-f]{32}$/.test(asked) ? [`${id} #${asked}`] : [];
  return { keys: [`${id} ${address.slice(0, 64)}`, ...again], until: ctx.now() + goOnMs };
}

/** What a share says that has no download left. */
export function usedUp({ maxDownloads }: LiveShare): AppError {
  return new AppError("share-expired", `this share could be downloaded ${maxDownloads} times, and has been`);
}
