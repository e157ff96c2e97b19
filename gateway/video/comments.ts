import { commentById, deleteComment, insertComment, listComments } from "#db/comments.ts";
import { holdUser } from "#db/users.ts";
import { holdVideo } from "#db/videos.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";
import type { CommentView, PageQuery } from "./schema.ts";
import { anyVideo } from "./service.ts";
import { commentView } from "./view.ts";

/** A page of a video's comments, newest first. @throws {AppError} `not-found`. */
export async function commentsOf(
  ctx: Context,
  videoId: string,
  { limit, cursor }: PageQuery,
): Promise<{ comments: CommentView[]; next: string | null }> {
  const { userId } = await anyVideo(ctx, videoId);
  const comments = await ctx.catalog.read(userId, (db) => listComments(db, { videoId, before: cursor, limit: limit + 1 }));
  const page = comments.slice(0, limit).map(commentView);
  return { comments: page, next: comments.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** Adds a comment of the caller. @throws {AppError} `not-found`. */
export async function comment(ctx: Context, principal: Principal, videoId: string, content: string): Promise<CommentView> {
  const { userId, username: author } = principal;
  const createdAt = ctx.now();
  const made = { id: newId(createdAt), videoId, userId, author, content, createdAt };
  const owner = (await anyVideo(ctx, videoId)).userId;
  await ctx.catalog.transaction(async (tx) => {
    await holdUser(tx, userId);
    // Held, so that the purge leaves no comment behind that came in while it went.
    if (!(await holdVideo(tx, videoId))) throw noVideo(videoId);
    await insertComment(tx, made);
  });
  // Whoever reads the comments reads on behalf of the video's owner.
  await ctx.changed(owner);
  return commentView(made);
}

/**
 * Removes a comment, for good and at once: its author may, and the video's owner.
 *
 * @throws {AppError} `not-found`, `forbidden`.
 */
export async function removeComment(ctx: Context, { userId }: Principal, videoId: string, id: string): Promise<void> {
  const video = await anyVideo(ctx, videoId);
  const found = await commentById(ctx.catalog.db, videoId, id);
  if (!found) throw noComment(videoId, id);
  if (userId !== found.userId && userId !== video.userId)
    throw new AppError("forbidden", "only its author and the video's owner may delete a comment");
  if (!(await deleteComment(ctx.catalog.db, videoId, id))) throw noComment(videoId, id);
  await ctx.changed(video.userId);
}

function noVideo(id: string): AppError {
  return new AppError("not-found", `there is no video ${JSON.stringify(id)}, or not any more`);
}

function noComment(videoId: string, id: string): AppError {
  return new AppError("not-found", `the video ${JSON.stringify(videoId)} has no comment ${JSON.stringify(id)}`);
}
