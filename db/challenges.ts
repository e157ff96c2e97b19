import { and, eq, lte } from "drizzle-orm";

import type { Catalog } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { challenges } from "./schema.ts";

export type Challenge = typeof challenges.$inferSelect;

export async function insertChallenge(catalog: Catalog, challenge: Challenge): Promise<void> {
  await catalog.db.insert(challenges).values(challenge);
}

/** Takes a challenge of a user, for good: of any number of answers only one gets it. */
export async function takeChallenge(catalog: Catalog, userId: string, id: string): Promise<Challenge | undefined> {
  const own = and(eq(challenges.id, id), eq(challenges.userId, userId));
  const [challenge] = await catalog.db.select().from(challenges).where(own);
  return affectedRows(await catalog.db.delete(challenges).where(own)) === 1 ? challenge : undefined;
}

export async function forgetChallenges(catalog: Catalog, now: number): Promise<number> {
  return affectedRows(await catalog.db.delete(challenges).where(lte(challenges.expiresAt, now)));
}
