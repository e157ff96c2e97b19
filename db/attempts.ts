import { eq, inArray, lte, sql } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { isDuplicate } from "./errors.ts";
import { attempts } from "./schema.ts";

/** Failed sign-ins under one key. Times are epoch milliseconds. */
export type Attempt = typeof attempts.$inferSelect;

/** The rows that stand under `keys`, in no order, the forgotten ones too. */
export function findAttempts(db: Queries, keys: string[]): Promise<Attempt[]> {
  return db.select().from(attempts).where(inArray(attempts.key, keys));
}

/**
 * Replaces the rows of `keys` by what `change` makes of them, as if nobody else did the same meanwhile. Nothing is
 * kept when `change` throws.
 */
export async function changeAttempts(
  catalog: Catalog,
  keys: string[],
  change: (held: Attempt[]) => Attempt[],
): Promise<Attempt[]> {
  for (let again = 0; ; again++) {
    try {
      return await catalog.transaction((tx) => changeLocked(tx, keys, change));
    } catch (error) {
      // A row that is not there cannot be locked: somebody else made it first. Now it is there, unless it was forgotten again.
      if (!isDuplicate(error) || again >= keys.length + 3) throw error;
    }
  }
}

async function changeLocked(tx: Queries, keys: string[], change: (held: Attempt[]) => Attempt[]): Promise<Attempt[]> {
  const held = await holdAttempts(tx, keys);
  const changed = change(held);
  for (const { key, ...rest } of changed) {
    if (held.some((row) => row.key === key)) await tx.update(attempts).set(rest).where(eq(attempts.key, key));
    else await tx.insert(attempts).values({ key, ...rest });
  }
  return changed;
}

/** Reads the rows of `keys`, held until the transaction ends. */
async function holdAttempts(tx: Queries, keys: string[]): Promise<Attempt[]> {
  return await tx.select().from(attempts).where(inArray(attempts.key, keys)).for("update");
}

/** Forgets all failures under `keys`. */
export async function clearAttempts(db: Queries, keys: string[]): Promise<void> {
  await db.delete(attempts).where(inArray(attempts.key, keys));
}

/** Takes one failure back, and the block that it set unless a later one has set another. */
export async function uncountAttempt(db: Queries, { key, blockedUntil }: Attempt): Promise<void> {
  await db
    .update(attempts)
    .set({
      failures: sql`case when ${attempts.failures} > 0 then ${attempts.failures} - 1 else 0 end`,
      blockedUntil: sql`case when ${attempts.blockedUntil} = ${blockedUntil} then 0 else ${attempts.blockedUntil} end`,
    })
    .where(eq(attempts.key, key));
}

/** Removes the rows that are forgotten by `now` (epoch milliseconds). For the sweep. */
export async function deleteExpiredAttempts(db: Queries, now: number): Promise<void> {
  await db.delete(attempts).where(lte(attempts.expiresAt, now));
}
