import { and, eq, inArray, lte, sql } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { isDuplicate } from "./errors.ts";
import { shares, viewBatches } from "./schema.ts";

/** How many shares one statement counts views of. */
const perStatement = 200;

/** Views that were counted elsewhere, by share. */
export interface CountedViews {
  /** The same for the same views, however often they are brought. */
  id: string;
  counts: ReadonlyMap<string, number>;
}

/**
 * Adds views to the rows of their shares: each batch once, whoever brings it and however often.
 *
 * @returns whether it was this call that did.
 */
export async function addViews(catalog: Catalog, { id, counts }: CountedViews, now: number): Promise<boolean> {
  try {
    await catalog.transaction(async (tx) => {
      await tx.insert(viewBatches).values({ id, at: now });
      // In one order, so that two batches do not wait for each other.
      const sorted = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
      for (let i = 0; i < sorted.length; i += perStatement) await addSome(tx, sorted.slice(i, i + perStatement));
    });
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

async function addSome(tx: Queries, counts: [shareId: string, views: number][]): Promise<void> {
  const cases = counts.map(([shareId, views]) => sql`when ${shareId} then ${views}`);
  const ids = counts.map(([shareId]) => shareId);
  await tx
    .update(shares)
    .set({ views: sql`${shares.views} + case ${shares.id} ${sql.join(cases, sql` `)} else 0 end` })
    .where(inArray(shares.id, ids));
}

/** The views that stand in the rows of the listed ones among `ids`. */
export async function listedViews(db: Queries, ids: string[]): Promise<{ id: string; views: number }[]> {
  if (ids.length === 0) return [];
  return await db
    .select({ id: shares.id, views: shares.views })
    .from(shares)
    .where(and(inArray(shares.id, ids), eq(shares.listed, 1)));
}

/** Removes the traces of batches that were taken in until `until` (epoch milliseconds). For the sweep. */
export async function forgetViewBatches(db: Queries, until: number): Promise<void> {
  await db.delete(viewBatches).where(lte(viewBatches.at, until));
}
