import { and, count, eq, inArray, isNull, lt, ne, sql, sum } from "drizzle-orm";

import { AppError } from "#lib/errors/mod.ts";

import type { Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { free } from "./leases.ts";
import { prepared } from "./prepared.ts";
import { challenges, comments, files, uploads, users, videos } from "./schema.ts";
import { revokeSessionsOf } from "./sessions.ts";
import { endSharesOfUser } from "./shares.ts";

/** A user's row. Times are epoch milliseconds. */
export type User = typeof users.$inferSelect;

const byName = prepared((db) =>
  db
    .select()
    .from(users)
    .where(eq(users.username, sql.placeholder("username")))
    .prepare(),
);

const byId = prepared((db) =>
  db
    .select()
    .from(users)
    .where(eq(users.id, sql.placeholder("id")))
    .prepare(),
);

/** The user of this normalised name. */
export async function findUserByName(db: Queries, username: string): Promise<User | undefined> {
  return (await byName(db).execute({ username }))[0];
}

/** The user of this id. */
export async function findUser(db: Queries, id: string): Promise<User | undefined> {
  return (await byId(db).execute({ id }))[0];
}

/**
 * Adds a user.
 *
 * @throws a duplicate key (see `isDuplicate`) when the name is taken.
 */
export async function insertUser(db: Queries, user: User): Promise<void> {
  await db.insert(users).values(user);
}

/** Notes that the user was active at `at` (epoch milliseconds), unless that was noted within `everyMs` before. */
export async function touchUser(db: Queries, id: string, at: number, everyMs = 0): Promise<void> {
  await db
    .update(users)
    .set({ lastActiveAt: at })
    .where(and(eq(users.id, id), lt(users.lastActiveAt, at - everyMs)));
}

const lockRow = prepared((db) =>
  db
    .select({ id: users.id })
    .from(users)
    .where(eq(users.id, sql.placeholder("id")))
    .for("update")
    .prepare(),
);

/** Whether the user still is there; until the transaction ends, nobody else can remove them. */
export async function lockUser(tx: Queries, id: string): Promise<boolean> {
  return (await lockRow(tx).execute({ id })).length === 1;
}

/**
 * {@link lockUser} for what may only be made for a user who is still there.
 *
 * @throws {AppError} `unauthorized` when the account was deleted meanwhile.
 */
export async function holdUser(tx: Queries, id: string): Promise<void> {
  if (!(await lockUser(tx, id))) throw accountGone(id);
}

/** What is said to one whose account was deleted meanwhile. */
export function accountGone(id: string): AppError {
  return new AppError("unauthorized", "the account is gone", { cause: new Error(`user ${id} was deleted`) });
}

/** Replaces a password's hash, unless it was replaced meanwhile. */
export async function updatePasswordHash(db: Queries, id: string, from: string, to: string): Promise<void> {
  await db
    .update(users)
    .set({ passwordHash: to })
    .where(and(eq(users.id, id), eq(users.passwordHash, from)));
}

/** How many files a user has, and how many bytes are in them. Deleted ones do not count. */
export async function usageOf(db: Queries, userId: string): Promise<{ files: number; bytes: number }> {
  const [usage] = await db
    .select({ files: count(), bytes: sum(files.size).mapWith(Number) })
    .from(files)
    .where(and(eq(files.userId, userId), isNull(files.deletedAt)));
  return { files: usage?.files ?? 0, bytes: usage?.bytes ?? 0 };
}

/**
 * Removes a user and all that is theirs: their sessions are revoked, their files marked as deleted and due at
 * `purgeAt`, their videos and shares, too; their uploads cancelled, their comments and challenges gone; their name is free
 * again. Says which sessions were revoked, or nothing when there is no such user. To be run in a transaction. Times are epoch milliseconds.
 */
export async function deleteUser(
  tx: Queries,
  userId: string,
  { at, purgeAt }: { at: number; purgeAt: number },
): Promise<string[] | undefined> {
  if (affectedRows(await tx.delete(users).where(eq(users.id, userId))) === 0) return undefined;
  await tx
    .update(files)
    .set({ liveName: null, deletedAt: at, purgeAt, updatedAt: at })
    .where(and(eq(files.userId, userId), isNull(files.deletedAt)));
  await tx
    .update(uploads)
    .set({ state: "cancelled", updatedAt: at, ...free })
    .where(and(eq(uploads.userId, userId), inArray(uploads.state, ["open", "fetching", "verifying"])));
  await tx
    .update(videos)
    .set({ state: "deleted", deletedAt: at, purgeAt })
    .where(and(eq(videos.userId, userId), ne(videos.state, "deleted")));
  await endSharesOfUser(tx, userId, at, purgeAt);
  await tx.delete(comments).where(eq(comments.userId, userId));
  await tx.delete(challenges).where(eq(challenges.userId, userId));
  return revokeSessionsOf(tx, userId, at);
}
