import { createHash } from "node:crypto";

import { isDuplicate } from "#db/mod.ts";
import {
  deleteUser,
  findUser,
  findUserByName,
  insertUser,
  lockUser,
  touchUser,
  updatePasswordHash,
  usageOf,
  type User,
} from "#db/users.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { Grant } from "../auth/mod.ts";
import { isOutdated } from "../auth/passwords.ts";
import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";
import type { Profile, Registration, SignedIn } from "./schema.ts";
import { normaliseUsername } from "./username.ts";

type Ctx = Pick<Context, "auth" | "catalog" | "changed" | "config" | "lifecycle" | "now">;

/**
 * Makes a user and signs them in.
 *
 * @throws {AppError} `username-taken`, `unavailable`
 */
export async function register(ctx: Ctx, { username, password, email }: Registration): Promise<SignedIn> {
  // Asked first, since a hash costs a core for 25 ms; the unique key decides.
  if ((await findUserByName(ctx.catalog.db, username)) !== undefined) throw taken(username);
  const passwordHash = await ctx.auth.hashPassword(password);
  const at = ctx.now();
  const user: User = { id: newId(), username, passwordHash, email: email ?? null, createdAt: at, lastActiveAt: at };
  try {
    const registered = await ctx.catalog.transaction(async (tx) => {
      await insertUser(tx, user);
      return signedIn(user, await ctx.auth.sessions.open(tx, user));
    });
    await ctx.changed(user.id);
    return registered;
  } catch (error) {
    if (isDuplicate(error)) throw taken(username, error);
    throw error;
  }
}

/**
 * Signs a user in. `name` is as somebody typed it: one that cannot be a username is like one that nobody has.
 *
 * @throws {AppError} `bad-credentials` (the same for a wrong password as for no such user), `too-many-attempts`, `unavailable`
 */
export async function signIn(
  ctx: Ctx,
  { name, password, address }: { name: string; password: string; address: string },
): Promise<SignedIn> {
  const username = normaliseUsername(name);
  const user = username === undefined ? undefined : await findUserByName(ctx.catalog.db, username);
  const subject = username ?? `?${createHash("sha256").update(name).digest("base64url")}`;
  const right = await ctx.auth.checkPassword({ subject, address, password, hash: user?.passwordHash });
  if (!right || user === undefined) throw badCredentials();
  const grant = await ctx.catalog.transaction(async (tx) => {
    // The account may have been deleted while the password was checked.
    if (!(await lockUser(tx, user.id))) throw badCredentials();
    await touchUser(tx, user.id, ctx.now());
    return ctx.auth.sessions.open(tx, user);
  });
  if (isOutdated(user.passwordHash)) ctx.lifecycle.background("rehash password", () => rehash(ctx, user, password));
  return signedIn(user, grant);
}

/**
 * Trades a refresh token for a new pair.
 *
 * @throws {AppError} `unauthorized`
 */
export async function refresh(ctx: Ctx, { refreshToken }: { refreshToken: string }): Promise<SignedIn> {
  const { user, grant } = await ctx.auth.sessions.refresh(refreshToken);
  return signedIn(user, grant);
}

/**
 * What a user may know of themselves.
 *
 * @throws {AppError} `forbidden` for any other name, `unauthorized` when the account is gone.
 */
export async function profile(ctx: Ctx, { name, principal }: { name: string; principal: Principal }): Promise<Profile> {
  refuseOthers(name, principal);
  const { userId } = principal;
  const [user, usage] = await ctx.catalog.read(userId, async (db) => [await findUser(db, userId), await usageOf(db, userId)]);
  if (user === undefined) throw gone(principal);
  const { username, email, createdAt, lastActiveAt } = user;
  return { username, email, createdAt: rfc3339(createdAt), lastActiveAt: rfc3339(lastActiveAt), ...usage };
}

/**
 * Removes an account and all that it owns, at once and as a whole. The bytes of its files go when they are due, the
 * spool files of its uploads with the next sweep.
 *
 * @throws {AppError} `forbidden` for any other name, `unauthorized` when the account is gone already.
 */
export async function removeAccount(ctx: Ctx, { name, principal }: { name: string; principal: Principal }): Promise<void> {
  refuseOthers(name, principal);
  const revoked = await ctx.catalog.transaction((tx) => {
    const at = ctx.now();
    return deleteUser(tx, principal.userId, { at, purgeAt: at + ctx.config.PURGE_AFTER });
  });
  if (revoked === undefined) throw gone(principal);
  ctx.auth.sessions.markRevoked(revoked);
  await ctx.changed(principal.userId);
}

async function rehash(ctx: Ctx, { id, passwordHash }: User, password: string): Promise<void> {
  await updatePasswordHash(ctx.catalog.db, id, passwordHash, await ctx.auth.hashPassword(password));
}

/**
 * Refuses a caller who is not of that name, before anybody is looked up: the answer does not tell whether the other exists.
 *
 * @throws {AppError} `forbidden`.
 */
export function refuseOthers(name: string, principal: Principal): void {
  if (normaliseUsername(name) === principal.username) return;
  throw new AppError("forbidden", `you are ${JSON.stringify(principal.username)}, and only that user may do this`);
}

function signedIn({ id, username, email, createdAt }: User, grant: Grant): SignedIn {
  return { user: { id, username, email, createdAt: rfc3339(createdAt) }, ...grant };
}

function rfc3339(millis: number): string {
  return new Date(millis).toISOString();
}

function taken(username: string, cause?: unknown): AppError {
  return new AppError("username-taken", `the username ${JSON.stringify(username)} is taken: choose another`, { cause });
}

function badCredentials(): AppError {
  return new AppError("bad-credentials", "there is no user of this name with this password");
}

function gone({ username }: Principal): AppError {
  return new AppError("unauthorized", `the account ${JSON.stringify(username)} is gone`, { cause: new Error("account deleted") });
}
