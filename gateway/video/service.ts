import { holdFile } from "#db/files.ts";
import type { StoredFile } from "#db/stored_file.ts";
import { findUserByName, holdUser } from "#db/users.ts";
import { deleteVideo, insertVideo, listVideos, type LiveVideo, videoById } from "#db/videos.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { Context } from "../context.ts";
import { openContent } from "../file/content.ts";
import { ownFile } from "../file/service.ts";
import type { Principal } from "../router.ts";
import { refuseOthers } from "../user/service.ts";
import { normaliseUsername } from "../user/username.ts";
import { announceVideo } from "./announce.ts";
import { headBytes, mediaType } from "./media_type.ts";
import type { PageQuery, VideoView } from "./schema.ts";
import { videoView } from "./view.ts";

/** Who asks for what is somebody's, and under which request. */
export interface Caller {
  principal: Principal;
  /** The name in the path: whose videos it is about. */
  username: string;
}

/**
 * Publishes a file of the caller, or makes a video that waits for one.
 *
 * @throws {AppError} `forbidden` for another's name, `not-found` for a file that is not the caller's, `invalid-request`
 *   for one that is no media.
 * @throws {ElsewhereError} when the file lies in another node's spool still.
 */
export async function publishVideo(
  ctx: Context,
  { principal, username }: Caller,
  { title, fileId }: { title: string; fileId?: string | undefined },
  request: { id: string; signal: AbortSignal },
): Promise<VideoView> {
  refuseOthers(username, principal);
  const { userId } = principal;
  const stored = fileId === undefined ? null : await ownFile(ctx, principal, fileId);
  const mime = stored && (await typeOf(ctx, stored, request.signal));
  const now = ctx.now();
  const video = await ctx.catalog.transaction(async (tx) => {
    await holdUser(tx, userId);
    // It may have been deleted while its first bytes were read.
    if (stored && !(await holdFile(tx, userId, stored.file.id))) throw gone(stored);
    return await insertVideo(tx, { id: newId(now), userId, title, fileId: fileId ?? null, mime, createdAt: now });
  });
  await ctx.changed(userId);
  if (stored) await announceVideo(ctx, video.id, stored.blob, request.id);
  return videoView(video, principal.username);
}

/** A page of somebody's videos, newest first. Of a name that nobody has there are none, and no more is told. */
export async function listVideosOf(
  ctx: Context,
  name: string,
  { limit, cursor }: PageQuery,
): Promise<{ videos: VideoView[]; next: string | null }> {
  const username = normaliseUsername(name);
  if (username === undefined) throw new AppError("invalid-request", `${JSON.stringify(name)} cannot be a username`);
  const user = await findUserByName(ctx.catalog.db, username);
  if (!user) return { videos: [], next: null };
  // One more than asked for tells whether there is a next page.
  const { id: userId } = user;
  const videos = await ctx.catalog.read(userId, (db) => listVideos(db, { userId, before: cursor, limit: limit + 1 }));
  const page = videos.slice(0, limit).map((video) => videoView(video, username));
  return { videos: page, next: videos.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** One video of somebody. @throws {AppError} `not-found`. */
export async function videoOf(ctx: Context, name: string, id: string): Promise<VideoView> {
  const username = normaliseUsername(name) ?? "";
  const [user, video] = await Promise.all([findUserByName(ctx.catalog.db, username), videoById(ctx.catalog.db, id)]);
  if (user && video?.userId === user.id) return videoView(video, username);
  throw new AppError("not-found", `${JSON.stringify(name)} has no video ${JSON.stringify(id)}`);
}

/** A video of anybody. @throws {AppError} `not-found`. */
export async function anyVideo(ctx: Context, id: string): Promise<LiveVideo> {
  const video = await videoById(ctx.catalog.db, id);
  if (video) return video;
  throw new AppError("not-found", `there is no video ${JSON.stringify(id)}, or not any more`);
}

/**
 * Marks a video of the caller deleted, and the file that was sent for it, unless another video shows that. Nobody sees it
 * from now on; the rest goes after the grace period.
 *
 * @throws {AppError} `forbidden`, `not-found`.
 */
export async function deleteOwnVideo(ctx: Context, { principal, username }: Caller, id: string): Promise<void> {
  refuseOthers(username, principal);
  const now = ctx.now();
  const { userId } = principal;
  if (!(await deleteVideo(ctx.catalog, { id, userId, now, purgeAt: now + ctx.config.PURGE_AFTER })))
    throw new AppError("not-found", `you have no video ${JSON.stringify(id)}`);
  await ctx.changed(userId);
}

async function typeOf(ctx: Context, { file, blob }: StoredFile, signal: AbortSignal): Promise<string> {
  if (file.size === 0) return await mediaType(new Uint8Array());
  const range = { offset: 0, length: Math.min(headBytes, file.size) };
  return await mediaType(await new Response(await openContent(ctx, blob, range, signal)).bytes());
}

function gone({ file }: StoredFile): AppError {
  return new AppError("not-found", `you have no file ${JSON.stringify(file.id)} any more`);
}
