import { and, eq, lte } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { challenges } from "./schema.ts";

export type Challenge = typeof challenges.$inferSelect;

export async function insertChallenge(catalog: Catalog, challenge: Challenge): Promise<void> {
  await catalog.db.insert(challenges).values(challenge);
}

/** A challenge of a user, as long as nobody has taken it. */
export async function findChallenge(db: Queries, userId: string, id: string): Promise<Challenge | undefined> {
  const [challenge] = await db.select().from(challenges).where(isOwn(userId, id));
  return challenge;
}

/** Takes a challenge of a user, for good: of any number of answers only one gets it. */
export async function takeChallenge(catalog: Catalog, userId: string, id: string): Promise<Challenge | undefined> {
  const challenge = await findChallenge(catalog.db, userId, id);
  return affectedRows(await catalog.db.delete(challenges).where(isOwn(userId, id))) === 1 ? challenge : undefined;
}

function isOwn(userId: string, id: string) {
  return and(eq(challenges.id, id), eq(challenges.userId, userId));
}

export async function forgetChallenges(catalog: Catalog, now: number): Promise<number> {
  return affectedRows(await catalog.db.delete(challenges).where(lte(challenges.expiresAt, now)));
}
