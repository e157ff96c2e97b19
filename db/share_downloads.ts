import { and, eq, gt, inArray, isNull, lt, lte, or, sql } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { shareGrants, shares } from "./schema.ts";

/** For whom a download was counted, and for how long they may come back for more of it. */
export interface Grant {
  /** See `share_grants.key`. */
  keys: string[];
  /** Epoch milliseconds. */
  until: number;
}

/**
 * Counts a download of a share, if it is there, has not expired and has one left: by one guarded update, so that of any number
 * of requests to any number of gateways no more than `maxDownloads` are let through.
 *
 * @param now epoch milliseconds.
 * @returns whether it was counted.
 */
export async function countDownload(catalog: Catalog, shareId: string, now: number, grant?: Grant): Promise<boolean> {
  if (!grant) return await countIn(catalog.db, shareId, now);
  return await catalog.transaction(async (tx) => {
    // From here on the transaction holds the share: whoever else wants to write these grants waits.
    if (!(await countIn(tx, shareId, now))) return false;
    await tx.delete(shareGrants).where(inArray(shareGrants.key, grant.keys));
    await tx.insert(shareGrants).values(grant.keys.map((key) => ({ key, expiresAt: grant.until })));
    return true;
  });
}

/** {@link countDownload} within a transaction. */
export async function countIn(tx: Queries, shareId: string, now: number): Promise<boolean> {
  const result = await tx
    .update(shares)
    .set({ downloads: sql`${shares.downloads} + 1` })
    .where(
      and(
        eq(shares.id, shareId),
        isNull(shares.deletedAt),
        or(isNull(shares.expiresAt), gt(shares.expiresAt, now)),
        or(isNull(shares.maxDownloads), lt(shares.downloads, shares.maxDownloads)),
      ),
    );
  return affectedRows(result) === 1;
}

/** Whether a download was counted under one of `keys` that still may be gone on with. */
export async function isGranted(db: Queries, keys: string[], now: number): Promise<boolean> {
  if (keys.length === 0) return false;
  const rows = await db
    .select({ key: shareGrants.key })
    .from(shareGrants)
    .where(and(inArray(shareGrants.key, keys), gt(shareGrants.expiresAt, now)))
    .limit(1);
  return rows.length === 1;
}

/** Removes the grants that are over. For the sweep. */
export async function forgetGrants(db: Queries, now: number): Promise<void> {
  await db.delete(shareGrants).where(lte(shareGrants.expiresAt, now));
}
