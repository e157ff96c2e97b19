import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";

import type { Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { prepared } from "./prepared.ts";
import { sessions, users } from "./schema.ts";
import type { User } from "./users.ts";

/** Adds a session. */
export async function insertSession(db: Queries, session: typeof sessions.$inferInsert): Promise<void> {
  await db.insert(sessions).values(session);
}

/**
 * Replaces the refresh hash `from` by `to` and moves the session's end, if that hash is still the newest one and the
 * session is neither revoked nor expired at `at`. Of several at once, one wins. Times are epoch milliseconds.
 */
export async function rotateRefresh(
  db: Queries,
  { id, from, to, at, expiresAt }: { id: string; from: string; to: string; at: number; expiresAt: number },
): Promise<boolean> {
  const result = await db
    .update(sessions)
    .set({ refreshHash: to, expiresAt })
    .where(and(eq(sessions.id, id), eq(sessions.refreshHash, from), isNull(sessions.revokedAt), gt(sessions.expiresAt, at)));
  return affectedRows(result) === 1;
}

const notRevoked = prepared((db) =>
  db
    .select({ expiresAt: sessions.expiresAt })
    .from(sessions)
    .where(and(eq(sessions.id, sql.placeholder("id")), isNull(sessions.revokedAt)))
    .prepare(),
);

/** Whether there is such a session and it is not revoked; nor, when `at` (epoch milliseconds) is given, expired by then. */
export async function isSessionLive(db: Queries, id: string, at = 0): Promise<boolean> {
  const [session] = await notRevoked(db).execute({ id });
  return session !== undefined && session.expiresAt > at;
}

/** The user whose session it is. */
export async function sessionOwner(db: Queries, id: string): Promise<User | undefined> {
  const rows = await db
    .select({ users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, id));
  return rows[0]?.users;
}

/** Revokes a session, if it is not yet. */
export async function revokeSession(db: Queries, id: string, at: number): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: at })
    .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)));
}

/** Revokes every live session of a user and says which. To be run in a transaction. */
export async function revokeSessionsOf(tx: Queries, userId: string, at: number): Promise<string[]> {
  const live = and(eq(sessions.userId, userId), isNull(sessions.revokedAt));
  const rows = await tx.select({ id: sessions.id }).from(sessions).where(live);
  await tx.update(sessions).set({ revokedAt: at }).where(live);
  return rows.map(({ id }) => id);
}

/** The sessions revoked after `since` (epoch milliseconds). */
export async function revokedSince(db: Queries, since: number): Promise<{ id: string; revokedAt: number }[]> {
  const rows = await db
    .select({ id: sessions.id, revokedAt: sessions.revokedAt })
    .from(sessions)
    .where(gt(sessions.revokedAt, since));
  return rows.flatMap(({ id, revokedAt }) => (revokedAt === null ? [] : [{ id, revokedAt }]));
}

/** Removes the sessions that were revoked or expired before `before` (epoch milliseconds). For the sweep. */
export async function deleteDeadSessions(db: Queries, before: number): Promise<void> {
  await db.delete(sessions).where(or(lt(sessions.revokedAt, before), lt(sessions.expiresAt, before)));
}
