import { and, asc, count, eq, inArray, isNotNull, or, sql, sum } from "drizzle-orm";

import { isStored } from "./blobs.ts";
import type { Catalog, Queries } from "./catalog.ts";
import { copiesOf, isPending, leaving, wantCopies } from "./copies.ts";
import { affectedRows } from "./errors.ts";
import { parkedUntil } from "./leases.ts";
import { blobs, copies } from "./schema.ts";

/** What is left of moves, or of copies that are made on purpose: rows and bytes, and how many wait for a person. */
export interface Backlog {
  copies: number;
  bytes: number;
  parked: number;
}

/** Counts what is still to be brought to a store: from `replaces` where that is named, else as second copies. */
export async function backlogOf(catalog: Catalog, to: string, replaces: string | null): Promise<Backlog> {
  const isParked = sql<number>`case when ${copies.leaseUntil} = ${parkedUntil} then 1 else 0 end`;
  const [row] = await catalog.db
    .select({ copies: count(), bytes: sum(copies.size), parked: sum(isParked) })
    .from(copies)
    .where(
      and(isPending, eq(copies.store, to), replaces === null ? sql`${copies.replaces} is null` : eq(copies.replaces, replaces)),
    );
  return { copies: row?.copies ?? 0, bytes: Number(row?.bytes ?? 0), parked: Number(row?.parked ?? 0) };
}

/** Takes back moves that are queued; what a worker has in hand of them is dropped when it comes to its end. @returns how many. */
export async function cancelMoves(catalog: Catalog, { from, to }: { from?: string; to?: string }, now: number): Promise<number> {
  const conditions = [isPending, isNotNull(copies.replaces)];
  if (from !== undefined) conditions.push(eq(copies.replaces, from));
  if (to !== undefined) conditions.push(eq(copies.store, to));
  const result = await catalog.db
    .update(copies)
    .set({ ...leaving, leaseUntil: now })
    .where(and(...conditions));
  return affectedRows(result);
}

/** A blob that could be moved, with the name of a file that has it. */
export interface Movable {
  id: string;
  sha1: string;
  size: number;
  /** `null` where all its files are deleted. */
  name: string | null;
}

/** Stored blobs that are in a store, after the id `after`, in the order of ids. */
export async function blobsIn(catalog: Catalog, store: string, after: string, limit: number): Promise<Movable[]> {
  // Of which there is one at most. Of an `exists` MariaDB would gather all of that store's copies for each page.
  const copyState = sql`(select ${copies.state} from ${copies} where ${copies.blobId} = ${blobs.id} and ${copies.liveStore} = ${store})`;
  return await catalog.db
    .select({ id: blobs.id, sha1: blobs.sha1, size: blobs.size, name: nameOfBlob })
    .from(blobs)
    .where(and(sql`${blobs.id} > ${after}`, isStored, or(eq(blobs.store, store), sql`${copyState} = 'held'`)))
    .orderBy(asc(blobs.id))
    .limit(limit);
}

/**
 * The name of the oldest living file of a blob. In plain words: of a column in a selection from one table drizzle writes the name
 * alone, which would be that of the inner table.
 */
export const nameOfBlob = sql<
  string | null
>`(select f.name from files f where f.id = (select min(g.id) from files g where g.blob_id = blobs.id and g.deleted_at is null))`;

/** What became of blobs that were to be moved. */
export interface Queued {
  queued: number;
  /** Moved to that store already, or on the way there. */
  before: number;
  /** In both stores: a move would make one copy of two. */
  both: number;
}

/**
 * Queues the move (or, with `keep`, the copying) of blobs from a store to another, those that are still there.
 *
 * @param newId makes the id of a copy.
 */
export async function queueMoves(
  catalog: Catalog,
  { from, to, keep, blobIds }: { from: string; to: string; keep: boolean; blobIds: string[] },
  newId: () => string,
  now: number,
): Promise<Queued> {
  if (blobIds.length === 0) return { queued: 0, before: 0, both: 0 };
  return await catalog.transaction(async (tx) => {
    const wanted = inArray(blobs.id, blobIds);
    const rows = await tx
      .select()
      .from(blobs)
      .where(and(wanted, eq(blobs.state, "stored")))
      .for("update");
    const living = (await copiesOf(tx, blobIds)).filter(({ liveStore }) => liveStore !== null);
    const result: Queued = { queued: 0, before: 0, both: 0 };
    for (const blob of rows) {
      const own = living.filter(({ blobId }) => blobId === blob.id);
      const isHeldIn = (store: string) =>
        blob.store === store || own.some((copy) => copy.liveStore === store && copy.state === "held");
      const isUnderWay = own.some((copy) => copy.liveStore === to || (copy.state === "wanted" && copy.replaces === from));
      if (!isHeldIn(from)) result.before += 1;
      else if (isHeldIn(to)) result.both += 1;
      else if (isUnderWay) result.before += 1;
      else {
        await wantCopies(tx, blob, [{ id: newId(), store: to, ...(!keep && { replaces: from }) }], now);
        result.queued += 1;
      }
    }
    return result;
  });
}

/** The name of a blob's oldest living file; `null` where all are deleted. */
export async function nameOf(db: Queries, blobId: string): Promise<string | null> {
  const [row] = await db.select({ name: nameOfBlob }).from(blobs).where(eq(blobs.id, blobId));
  return row?.name ?? null;
}
