import { insertFetch } from "#db/fetches.ts";
import { fileBySha1, linkFileIn, retryDuplicates } from "#db/files.ts";
import { mustKeepQuota, roomFor } from "#db/room.ts";
import type { StoredFile } from "#db/stored_file.ts";
import type { NewUpload, Upload } from "#db/uploads.ts";
import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { nameOfUrl } from "#lib/remote/mod.ts";

import type { Context } from "../context.ts";
import { announceFile } from "../file/announce.ts";
import { isHeldWhole } from "../file/is_held_whole.ts";
import { checkName } from "../file/name.ts";
import type { Principal } from "../router.ts";
import { newUploadId } from "../upload/routing_key.ts";

/**
 * How the transfer counts what the spool holds of it: so much is gathered in memory, and so much may come twice after a crash.
 * A file of unknown length has as many as it has.
 */
const chunkSize = 2 ** 20;
/** To look a name up while a client waits; the worker looks again. */
const lookupMs = 5000;

export interface OfflineInput {
  url: string;
  name?: string | undefined;
  sha1?: string | undefined;
}

/** Where the request comes from. */
interface Origin {
  requestId: string;
  routingKey: string | undefined;
  signal: AbortSignal;
}

/**
 * Has the drive fetch a URL as an upload of the caller. One of a content that the caller holds already is done at once.
 *
 * @throws {AppError} `url-refused`, `invalid-name`, `no-space`, `too-many-downloads`.
 */
export async function startOffline(
  ctx: Context,
  { userId }: Principal,
  { url: text, name, sha1 }: OfflineInput,
  { requestId, routingKey, signal }: Origin,
): Promise<Upload> {
  const url = await mayFetch(ctx, text, signal);
  const fetch = { url: url.href, isNamed: name === undefined ? 0 : 1 };
  const now = ctx.now();
  const upload: NewUpload = {
    id: newUploadId(routingKey, now),
    userId,
    name: name === undefined ? nameOfUrl(url) : checkName(name),
    size: 0,
    sha1: sha1 ?? null,
    chunkSize,
    chunkCount: 0,
    node: ctx.node,
    requestId,
    createdAt: now,
    expiresAt: now + ctx.config.UPLOAD_TTL,
  };
  const held = sha1 === undefined ? undefined : await heldContent(ctx, userId, sha1);
  const done = held && (await finishAtOnce(ctx, upload, fetch, held, requestId));
  return done ?? (await begin(ctx, upload, fetch, requestId));
}

/** A name that is not found now may be in a minute; one that leads inside is refused now, and whenever it does. */
async function mayFetch({ remote }: Context, text: string, signal: AbortSignal): Promise<URL> {
  const url = remote.parse(text);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(lookupMs)]);
  try {
    return await remote.check(text, limit);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted || isAppError(error, "source-failed")) return url;
    throw error;
  }
}

async function heldContent(ctx: Context, userId: string, sha1: string): Promise<StoredFile | undefined> {
  const own = await fileBySha1(ctx.catalog.db, userId, sha1);
  return own && (await isHeldWhole(ctx, own.blob, sha1)) ? own : undefined;
}

/** @returns `undefined` where the content was purged meanwhile. */
async function finishAtOnce(
  ctx: Context,
  upload: NewUpload,
  fetch: { url: string; isNamed: number },
  { file: { size, sha1 } }: StoredFile,
  requestId: string,
): Promise<Upload | undefined> {
  const { userId, name, createdAt: now } = upload;
  let made: StoredFile | undefined;
  const counted = { ...upload, size, chunkCount: Math.ceil(size / chunkSize) };
  const row = await retryDuplicates(() =>
    insertFetch(
      ctx.catalog,
      counted,
      fetch,
      async (tx) => {
        made = await linkFileIn(tx, { id: newId(now), userId, name, sha1, size, now });
        if (made === undefined) throw new ContentGone();
        await mustKeepQuota(ctx, tx, userId);
        return made.file.id;
      },
      ctx.config.OFFLINE_OPEN_PER_USER,
    ),
  ).catch((error: unknown) => {
    if (error instanceof ContentGone) return undefined;
    throw error;
  });
  if (made && row) await announceFile(ctx, made, requestId);
  return row;
}

class ContentGone extends Error {}

async function begin(
  ctx: Context,
  upload: NewUpload,
  fetch: { url: string; isNamed: number },
  requestId: string,
): Promise<Upload> {
  const { id, userId, node } = upload;
  // How much it is, the server has yet to say; one who has no room at all need not wait for that.
  (await roomFor(ctx, userId)).mustTake(1);
  // The spool first: an upload without its file could not be told from one that lost it.
  await ctx.spool.create(id, 0);
  const most = ctx.config.OFFLINE_OPEN_PER_USER;
  const row = await insertFetch(ctx.catalog, upload, fetch, async () => undefined, most).catch(async (error: unknown) => {
    await ctx.spool.remove(id);
    throw error;
  });
  await ctx.changed(userId);
  try {
    await ctx.queue.publish({ v: 1, worker: "fetch", id, node, requestId });
  } catch (error) {
    ctx.log.warn({ err: error, uploadId: id, requestId }, "fetch not announced; the worker will find it");
  }
  return row;
}
