import { holdFile } from "#db/files.ts";
import { deleteShare, insertShare, listShares, listSharesWith, type LiveShare, type SharePage } from "#db/shares.ts";
import { findUserByName, holdUser, type User } from "#db/users.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { Context } from "../context.ts";
import { ownFile } from "../file/service.ts";
import type { Principal } from "../router.ts";
import { normaliseUsername } from "../user/username.ts";
import { newCode } from "./code.ts";
import { liveShare, noShare, openShare, type Visitor } from "./open.ts";
import type { ListedShareView, NewShare, OwnShareView, ShareListQuery, ShareView } from "./schema.ts";
import { listedShareView, ownShareView, shareView } from "./view.ts";

/** How long an expired share is still said to have expired, and shown to its owner; then it is gone. */
const keepExpiredMs = 30 * 86_400_000;

/**
 * Shares a file of the caller.
 *
 * @param base of the drive, as clients reach it.
 * @throws {AppError} `not-found` for a file that is not the caller's and for a user that is not there, `invalid-request`
 *   for sharing with oneself, `unavailable` when too many passwords wait already.
 */
export async function createShare(ctx: Context, principal: Principal, body: NewShare, base: string): Promise<OwnShareView> {
  const { userId } = principal;
  await ownFile(ctx, principal, body.fileId);
  const friend = body.with === undefined ? undefined : await friendOf(ctx, principal, body.with);
  const passwordHash = body.password === undefined ? null : await ctx.auth.hashPassword(body.password);
  const now = ctx.now();
  const expiresAt = body.expiresIn === undefined ? null : now + body.expiresIn * 1000;
  const share = {
    id: newId(now),
    code: newCode(),
    userId,
    fileId: body.fileId,
    withId: friend?.id ?? null,
    passwordHash,
    expiresAt,
    maxDownloads: body.maxDownloads ?? null,
    listed: body.listed === true ? 1 : 0,
    createdAt: now,
    purgeAt: expiresAt === null ? null : expiresAt + keepExpiredMs,
  };
  await ctx.catalog.transaction(async (tx) => {
    // In one order, so that two who share with each other do not wait for each other.
    for (const id of [userId, ...(friend ? [friend.id] : [])].toSorted()) await holdUser(tx, id);
    if (!(await holdFile(tx, userId, body.fileId)))
      throw new AppError("not-found", `you have no file ${JSON.stringify(body.fileId)} any more`);
    await insertShare(tx, share);
  });
  await ctx.changed(userId, ...(friend ? [friend.id] : []));
  if (share.listed === 1) await noteListed(ctx, share.id);
  return ownShareView(await liveShare(ctx, share.code), { base, pending: 0 });
}

/** A page of the caller's shares, newest first, or of those that others share with them. */
export async function listSharesOf(
  ctx: Context,
  { userId }: Principal,
  { limit, cursor, with: withMe }: ShareListQuery,
  base: string,
): Promise<{ shares: (OwnShareView | ListedShareView)[]; next: string | null }> {
  // One more than asked for tells whether there is a next page.
  const page: SharePage = { before: cursor, limit: limit + 1 };
  const found = await ctx.catalog.read(userId, (db) =>
    withMe ? listSharesWith(db, userId, ctx.now(), page) : listShares(db, userId, page),
  );
  const shown = found.slice(0, limit);
  const pending = await ctx.views.pending(shown.map(({ id }) => id));
  const view = withMe ? listedShareView : ownShareView;
  return {
    shares: shown.map((share) => view(share, { base, pending: pending.get(share.id) ?? 0 })),
    next: found.length > limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** What a visitor sees of a share. @param counts whether it is a view. @throws {AppError} as {@link openShare}. */
export async function viewShare(ctx: Context, visitor: Visitor, base: string, counts: boolean): Promise<ShareView> {
  const share = await openShare(ctx, visitor);
  if (counts) ctx.views.add(share.id);
  const pending = await pendingOf(ctx, share);
  const expires = Math.floor((ctx.now() + ctx.config.DOWNLOAD_URL_TTL) / 1000);
  return shareView(share, { base, pending }, { expires, signature: ctx.auth.shareUrls.sign(share.code, expires) });
}

/** Ends a share of the caller, at once. @throws {AppError} `not-found`. */
export async function removeShare(ctx: Context, { userId }: Principal, code: string): Promise<void> {
  const share = await liveShare(ctx, code);
  if (share.userId !== userId || !(await deleteShare(ctx.catalog.db, userId, code, ctx.now()))) throw noShare(code);
  await ctx.changed(userId, ...(share.withId === null ? [] : [share.withId]));
}

async function pendingOf(ctx: Context, { id }: LiveShare): Promise<number> {
  return (await ctx.views.pending([id])).get(id) ?? 0;
}

async function friendOf(ctx: Context, principal: Principal, name: string): Promise<User> {
  const username = normaliseUsername(name);
  const friend = username === undefined ? undefined : await findUserByName(ctx.catalog.db, username);
  if (!friend) throw new AppError("not-found", `there is no user ${JSON.stringify(name)} to share with`);
  if (friend.id !== principal.userId) return friend;
  throw new AppError("invalid-request", "with: that is you; a file of yours needs no share for you");
}

/** Where this fails, it is known with its first view. */
async function noteListed(ctx: Context, id: string): Promise<void> {
  await ctx.views
    .rank([{ id, views: 0 }])
    .catch((err: unknown) => ctx.log.warn({ err, shareId: id }, "a listed share is not ranked yet"));
}
