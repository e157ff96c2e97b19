import { and, asc, count, eq, inArray, isNull, lte, or } from "drizzle-orm";

import { type Blob, blobById, lockBlob } from "./blobs.ts";
import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { free, holds, type Lease, parkedUntil } from "./leases.ts";
import { objectKey } from "./object_key.ts";
import { blobs, copies, type CopyState } from "./schema.ts";

export type Copy = typeof copies.$inferSelect;

/** An object: its store, as rows name it, and its key there. */
export interface ObjectPlace {
  store: string | null;
  key: string;
}

/** What makes a copy one that leaves: of no store any more, and nobody's. */
export const leaving = { state: "leaving", liveStore: null, leaseOwner: null, attempts: 0 } as const;
/** It is still to be made. */
export const isPending = eq(copies.state, "wanted");

/** Notes that a stored blob is to be in further stores, too, by a transaction that holds it. */
export async function wantCopies(
  tx: Queries,
  blob: Pick<Blob, "id" | "sha1" | "size">,
  wanted: { id: string; store: string; replaces?: string }[],
  now: number,
): Promise<void> {
  if (wanted.length === 0) return;
  const { id: blobId, size } = blob;
  await tx.insert(copies).values(
    wanted.map(({ id, store, replaces }) => ({
      id,
      blobId,
      store,
      liveStore: store,
      key: objectKey(blob, id),
      replaces: replaces ?? null,
      size,
      state: "wanted" as const,
      createdAt: now,
    })),
  );
}

export async function copyById(db: Queries, id: string): Promise<Copy | undefined> {
  const [copy] = await db.select().from(copies).where(eq(copies.id, id));
  return copy;
}

/** All copies of these blobs, whatever their state. */
export async function copiesOf(db: Queries, blobIds: string[]): Promise<Copy[]> {
  if (blobIds.length === 0) return [];
  return await db.select().from(copies).where(inArray(copies.blobId, blobIds));
}

/** Where the bytes of a stored blob lie, as the primary says now: its home, its copies, and what is about to leave. */
export async function placesOf(db: Queries, blobId: string): Promise<ObjectPlace[]> {
  const blob = await blobById(db, blobId);
  if (blob?.state !== "stored" || blob.key === null) return [];
  const rows = await copiesOf(db, [blobId]);
  const inState = (state: CopyState) => rows.filter((row) => row.state === state).map(({ store, key }) => ({ store, key }));
  return [{ store: blob.store, key: blob.key }, ...inState("held"), ...inState("leaving")];
}

/** Copies that are wanted and that nobody works on, the longest waiting first. */
export async function dueCopies(catalog: Catalog, now: number, limit: number): Promise<string[]> {
  const rows = await catalog.db
    .select({ id: copies.id })
    .from(copies)
    .where(and(isPending, lte(copies.leaseUntil, now)))
    .orderBy(asc(copies.leaseUntil))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/**
 * `wanted` → `held`, by the worker that has put it. Where it replaces the blob's home, the two change places: the blob's row
 * names this object from now on, and this row the old one, which leaves at `leaveAt`. Where it replaces another copy, that
 * leaves.
 *
 * @returns whether the copy was still wanted, leased, and its blob stored.
 */
export async function finishCopy(catalog: Catalog, lease: Lease, copy: Copy, leaveAt: number): Promise<boolean> {
  return await catalog.transaction(async (tx) => {
    // The blob first, as all do who change both.
    await lockBlob(tx, copy.blobId);
    const blob = await blobById(tx, copy.blobId);
    if (blob?.state !== "stored" || blob.key === null || blob.store === copy.store) return false;
    const held = await tx
      .update(copies)
      .set({ state: "held", replaces: null, ...free })
      .where(and(holds(lease), isPending));
    if (affectedRows(held) === 0) return false;
    if (copy.replaces === null) return true;
    if (blob.store === copy.replaces) {
      await tx.update(blobs).set({ store: copy.store, key: copy.key }).where(eq(blobs.id, blob.id));
      const old = { store: blob.store, key: blob.key };
      await tx
        .update(copies)
        .set({ ...leaving, ...old, leaseUntil: leaveAt })
        .where(eq(copies.id, copy.id));
    } else {
      await tx
        .update(copies)
        .set({ ...leaving, leaseUntil: leaveAt })
        .where(and(eq(copies.blobId, blob.id), eq(copies.liveStore, copy.replaces), eq(copies.state, "held")));
    }
    return true;
  });
}

/**
 * Whether a row needs an object, or may come to need it: for one who has put it, and has lost the row meanwhile. What is not
 * needed never will be: no key is used again.
 */
export async function isNeeded(db: Queries, { store, key }: ObjectPlace, blobId: string): Promise<boolean> {
  const blob = await blobById(db, blobId);
  if (blob?.state === "stored" && blob.store === store && blob.key === key) return true;
  if (blob?.state === "spooled" && (blob.key ?? objectKey(blob)) === key) return true;
  const rows = await copiesOf(db, [blobId]);
  return rows.some((copy) => copy.state !== "leaving" && copy.store === store && copy.key === key);
}

/** Every copy of a blob that is purged leaves at once; one that a worker makes just now, when its lease is over. */
export async function endCopiesOf(db: Queries, blobId: string): Promise<void> {
  const ofBlob = eq(copies.blobId, blobId);
  const isFree = or(isNull(copies.leaseOwner), eq(copies.leaseUntil, parkedUntil));
  await db.update(copies).set({ leaseUntil: 0 }).where(and(ofBlob, isFree));
  await db.update(copies).set(leaving).where(ofBlob);
}

/** A wanted copy whose blob went meanwhile leaves. @returns whether it was still that worker's. */
export async function giveUpCopy(catalog: Catalog, lease: Lease): Promise<boolean> {
  const result = await catalog.db
    .update(copies)
    .set({ ...leaving, leaseUntil: 0 })
    .where(and(holds(lease), isPending));
  return affectedRows(result) === 1;
}

/** Copies whose time to leave has come. */
export async function copiesToDrop(catalog: Catalog, now: number, limit: number): Promise<Copy[]> {
  return await catalog.db
    .select()
    .from(copies)
    .where(and(eq(copies.state, "leaving"), lte(copies.leaseUntil, now)))
    .orderBy(asc(copies.leaseUntil))
    .limit(limit);
}

/** Removes the row of a copy whose object is gone. */
export async function forgetCopy(catalog: Catalog, { id, key }: Pick<Copy, "id" | "key">): Promise<void> {
  await catalog.db.delete(copies).where(and(eq(copies.id, id), eq(copies.key, key), eq(copies.state, "leaving")));
}

/** Puts off all that is due to leave a store that is away. */
export async function postponeDrops(catalog: Catalog, store: string, now: number, until: number): Promise<void> {
  const isDue = and(eq(copies.state, "leaving"), lte(copies.leaseUntil, now), eq(copies.store, store));
  await catalog.db.update(copies).set({ leaseUntil: until }).where(isDue);
}

/** How many copies are still to be made, and to be deleted. Not those that are held: a drive may have millions. */
export async function countCopies(catalog: Catalog): Promise<Record<"wanted" | "leaving", number>> {
  const rows = await catalog.db
    .select({ state: copies.state, count: count() })
    .from(copies)
    .where(inArray(copies.state, ["wanted", "leaving"]))
    .groupBy(copies.state);
  const of = (state: CopyState) => rows.find((row) => row.state === state)?.count ?? 0;
  return { wanted: of("wanted"), leaving: of("leaving") };
}
