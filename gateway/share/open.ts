import { type LiveShare, shareByCode } from "#db/shares.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";
import { isCode } from "./code.ts";

/** Who wants to open a share, and by what right. */
export interface Visitor {
  code: string;
  /** Who it is, where there is a token. */
  principal: Principal | undefined;
  password: string | undefined;
  /** The client's IP address. */
  address: string;
}

/** What stands in the query of a `downloadUrl`. */
export interface Signed {
  expires: string;
  signature: string;
}

/**
 * The share that somebody may open: the one place where that is decided. The owner may, and whom it is for; if it is for
 * nobody alone, whoever has the code and the password, if there is one.
 *
 * @throws {AppError} `not-found` for one that is not there or for somebody else, `share-expired`, `password-required` without
 *   the right password, `too-many-attempts` after wrong ones, `unavailable` when too many passwords wait already.
 */
export async function openShare(ctx: Context, visitor: Visitor): Promise<LiveShare> {
  const share = await liveShare(ctx, visitor.code);
  const userId = visitor.principal?.userId;
  if (share.withId !== null && userId !== share.withId && userId !== share.userId) throw noShare(visitor.code);
  mustNotBeOver(share, ctx.now());
  const isKnown = userId !== undefined && (userId === share.userId || userId === share.withId);
  if (share.passwordHash !== null && !isKnown) await mustHavePassword(ctx, share, share.passwordHash, visitor);
  return share;
}

/** The share that somebody was let open before, and has a signed URL for. @throws {AppError} `bad-signature`, and as above. */
export async function openSigned(ctx: Context, code: string, { expires, signature }: Signed): Promise<LiveShare> {
  ctx.auth.shareUrls.verify({ id: code, expires, signature });
  const share = await liveShare(ctx, code);
  mustNotBeOver(share, ctx.now());
  return share;
}

/** @throws {AppError} `share-expired`. */
export function mustNotBeOver({ expiresAt }: LiveShare, now: number): void {
  if (expiresAt === null || expiresAt > now) return;
  throw new AppError("share-expired", `this share has expired at ${new Date(expiresAt).toISOString()}`);
}

/** A share that is not deleted. @throws {AppError} `not-found`. */
export async function liveShare(ctx: Context, code: string): Promise<LiveShare> {
  const share = isCode(code) ? await shareByCode(ctx.catalog, code) : null;
  if (share) return share;
  throw noShare(code);
}

export function noShare(code: string): AppError {
  return new AppError("not-found", `there is no share ${JSON.stringify(code)} for you, or not any more`);
}

async function mustHavePassword(ctx: Context, { code }: LiveShare, hash: string, { password, address }: Visitor): Promise<void> {
  if (password === undefined) {
    throw new AppError("password-required", "this share has a password: send it percent-encoded as `X-Share-Password`");
  }
  // No username has a colon: tries at a share and at an account are never counted under one key.
  if (await ctx.auth.checkPassword({ subject: `share:${code}`, address, password, hash })) return;
  throw new AppError("password-required", "this is not the password of this share");
}
