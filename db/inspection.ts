import { and, asc, eq, gt, inArray } from "drizzle-orm";

import { type Blob, blobById, isStored, lockBlob } from "./blobs.ts";
import type { Catalog, Queries } from "./catalog.ts";
import { type Copy, copiesOf, copyById, type ObjectPlace, wantCopies } from "./copies.ts";
import { affectedRows } from "./errors.ts";
import { blobs, copies, videos } from "./schema.ts";

/** Stored blobs after the id `after`, in the order of ids. */
export async function storedBlobs(catalog: Catalog, after: string, limit: number): Promise<Blob[]> {
  return await catalog.db
    .select()
    .from(blobs)
    .where(and(gt(blobs.id, after), isStored))
    .orderBy(asc(blobs.id))
    .limit(limit);
}

/** Blobs whose bytes lie in a node's spool, after the id `after`, in the order of ids. */
export async function spooledBlobs(catalog: Catalog, node: string, after: string, limit: number): Promise<Blob[]> {
  return await catalog.db
    .select()
    .from(blobs)
    .where(and(gt(blobs.id, after), eq(blobs.state, "spooled"), eq(blobs.node, node)))
    .orderBy(asc(blobs.id))
    .limit(limit);
}

/** The rows of these blobs, whatever their state. */
export async function blobsById(db: Queries, ids: string[]): Promise<Blob[]> {
  if (ids.length === 0) return [];
  return await db.select().from(blobs).where(inArray(blobs.id, ids));
}

/** Which of these videos have a row, deleted ones too. */
export async function videosThatAre(db: Queries, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.select({ id: videos.id }).from(videos).where(inArray(videos.id, ids));
  return new Set(rows.map(({ id }) => id));
}

/**
 * Gives a blob a new copy in place of one that is lost or damaged, from another that is whole. The bad object leaves, and the new
 * one has a key of its own. Where the bad one is the blob's home, `good` becomes that.
 *
 * @param newId of the new copy.
 * @returns whether things still were as they were when they were looked at.
 */
export async function replaceCopy(
  catalog: Catalog,
  { blobId, bad, good, newId, now }: { blobId: string; bad: ObjectPlace; good: ObjectPlace; newId: string; now: number },
): Promise<boolean> {
  return await catalog.transaction(async (tx) => {
    await lockBlob(tx, blobId);
    const blob = await blobById(tx, blobId);
    if (blob?.state !== "stored" || bad.store === null) return false;
    const held = (await copiesOf(tx, [blobId])).filter(({ state }) => state === "held");
    const isHome = blob.store === bad.store && blob.key === bad.key;
    // What leaves takes the row of the bad copy; of a bad home, that of the copy which takes its place.
    const row = held.find((copy) => isAt(copy, isHome ? good : bad));
    if (row === undefined) return false;
    if (isHome) await tx.update(blobs).set({ store: good.store, key: good.key }).where(eq(blobs.id, blobId));
    const left = await tx
      .update(copies)
      .set({ state: "leaving", liveStore: null, store: bad.store, key: bad.key, leaseOwner: null, leaseUntil: now })
      .where(and(eq(copies.id, row.id), eq(copies.state, "held")));
    if (affectedRows(left) !== 1) throw new Error(`copy ${row.id} changed within a transaction that holds its blob`);
    await wantCopies(tx, blob, [{ id: newId, store: bad.store }], now);
    return true;
  });
}

function isAt({ store, key }: Copy, place: ObjectPlace): boolean {
  return store === place.store && key === place.key;
}

/** Whether a blob is still stored there: what was found out about an object holds for the rows of now. */
export async function isStillAt(db: Queries, blobId: string, place: ObjectPlace, copyId?: string): Promise<boolean> {
  if (copyId === undefined) {
    const blob = await blobById(db, blobId);
    return blob?.state === "stored" && blob.store === place.store && blob.key === place.key;
  }
  const copy = await copyById(db, copyId);
  return copy?.state === "held" && copy.key === place.key;
}
