import { and, asc, eq, inArray, isNull, lte, notExists, or, sql } from "drizzle-orm";

import { AppError } from "#lib/errors/mod.ts";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { free, holds, type Lease, parkedUntil } from "./leases.ts";
import { isAlive, nodeById } from "./nodes.ts";
import { objectKey } from "./object_key.ts";
import { prepared } from "./prepared.ts";
import { blobs, copies, files } from "./schema.ts";

export type Blob = typeof blobs.$inferSelect;

/** What a content is, to the drive. Hashes are lower-case hex, the size is in bytes. */
export interface Content {
  sha1: string;
  sha256: string;
  size: number;
}

/** Where new bytes lie: under `spoolId` in the spool of `node`. */
export interface SpoolPlace {
  spoolId: string;
  node: string;
}

/** A stored blob whose object was looked for in vain, in each of its stores. */
export interface LostBlob {
  id: string;
  /** The keys that were looked for. */
  keys: string[];
}

/** As much of a spool as is needed. */
export interface SpoolLook {
  /** Whether the bytes are there, `size` of them. */
  has(spoolId: string, size: number): Promise<boolean>;
}

const lockLive = prepared((db) =>
  db
    .select()
    .from(blobs)
    .where(eq(blobs.liveSha1, sql.placeholder("sha1")))
    .for("update")
    .prepare(),
);
const byLiveSha1 = prepared((db) =>
  db
    .select()
    .from(blobs)
    .where(eq(blobs.liveSha1, sql.placeholder("sha1")))
    .prepare(),
);

/** The living blob of a content, held by the transaction until it ends, so that no purge can take it in between. */
export async function holdBlob(tx: Queries, sha1: string): Promise<Blob | undefined> {
  return (await lockLive(tx).execute({ sha1 }))[0];
}

/**
 * The blob of a content that lies in a spool: the one that is there already, or a new one at `place`.
 *
 * @param spool of the node that `place` names.
 * @param lost what was found out about the living blob of that content, before the transaction.
 * @throws {AppError} `sha1-collision` when another content has this SHA-1.
 */
export async function holdOrMakeBlob(
  tx: Queries,
  id: string,
  content: Content,
  place: SpoolPlace,
  now: number,
  spool: SpoolLook,
  lost?: LostBlob,
): Promise<Blob> {
  const held = await holdBlob(tx, content.sha1);
  if (held) {
    sameContent(held, content);
    if (lost?.id === held.id && held.state === "stored") return await backToSpool(tx, held, lost, place, id);
    return await withBytes(tx, held, place, spool, now);
  }
  await tx.insert(blobs).values({ id, ...content, ...place, liveSha1: content.sha1, state: "spooled", createdAt: now });
  const [made] = await tx.select().from(blobs).where(eq(blobs.id, id));
  if (!made) throw new Error(`blob ${id} is gone within its own transaction`);
  return made;
}

/**
 * A blob whose spool file somebody removed before a store had it, or whose node is away, gets the bytes that came now, and
 * is due again. Without that, the same content sent once more would be linked to bytes that nobody can read, and thrown away.
 */
async function withBytes(tx: Queries, blob: Blob, place: SpoolPlace, spool: SpoolLook, now: number): Promise<Blob> {
  if (blob.state !== "spooled" || (await isReadable(tx, blob, place, spool, now))) return blob;
  const found = { ...place, ...free };
  await tx.update(blobs).set(found).where(eq(blobs.id, blob.id));
  return { ...blob, ...found };
}

/**
 * A stored blob whose object is lost gets the bytes that came now. They will have a key of their own, so that nobody who still
 * takes the lost object for somebody's leavings deletes the new one.
 */
async function backToSpool(tx: Queries, blob: Blob, lost: LostBlob, place: SpoolPlace, id: string): Promise<Blob> {
  const rows = await tx.select().from(copies).where(eq(copies.blobId, blob.id));
  const held = [blob.key, ...rows.filter(({ state }) => state === "held").map(({ key }) => key)];
  // Since somebody looked, it was moved, or a copy of it was found.
  if (!held.every((key) => key !== null && lost.keys.includes(key))) return blob;
  const found = { state: "spooled" as const, store: null, key: objectKey(blob, id), ...place, ...free };
  await tx.update(blobs).set(found).where(eq(blobs.id, blob.id));
  await tx
    .update(copies)
    .set({ state: "leaving", liveStore: null, ...free })
    .where(eq(copies.blobId, blob.id));
  return { ...blob, ...found };
}

async function isReadable(tx: Queries, { spoolId, node, size }: Blob, place: SpoolPlace, spool: SpoolLook, now: number) {
  if (spoolId === null || node === null) return false;
  if (node === place.node) return await spool.has(spoolId, size);
  const owner = await nodeById(tx, node);
  return owner !== undefined && isAlive(owner, now);
}

function sameContent(blob: Blob, content: Content): void {
  if (blob.sha256 === content.sha256 && blob.size === content.size) return;
  throw new AppError(
    "sha1-collision",
    `another content with SHA-1 ${content.sha1} is here already: SHA-256 ${blob.sha256} against ${content.sha256}; the drive keeps the first`,
  );
}

export async function blobById(db: Queries, id: string): Promise<Blob | undefined> {
  const [blob] = await db.select().from(blobs).where(eq(blobs.id, id));
  return blob;
}

/** The living blob of a content, not held: it may be purged at any time. */
export async function liveBlob(db: Queries, sha1: string): Promise<Blob | undefined> {
  return (await byLiveSha1(db).execute({ sha1 }))[0];
}

/**
 * For going through the stored blobs, nearly all, in the order of ids. By the plus, which changes nothing, SQLite does not look
 * for the state in an index of another order, and sort all that it finds for each page.
 */
export const isStored = sql`+${blobs.state} = 'stored'`;

/** `spooled` → `stored`, by the worker that put it. @returns whether it still was spooled and leased. */
export async function storeBlob(tx: Queries, lease: Lease, place: { store: string; key: string }): Promise<boolean> {
  const result = await tx
    .update(blobs)
    .set({ state: "stored", spoolId: null, node: null, ...place, ...free })
    .where(and(holds(lease), eq(blobs.state, "spooled")));
  return affectedRows(result) === 1;
}

/** Holds a blob until the transaction ends: nobody links to it meanwhile. */
export async function lockBlob(tx: Queries, id: string): Promise<void> {
  await tx.select({ id: blobs.id }).from(blobs).where(eq(blobs.id, id)).for("update");
}

/**
 * → `purging`, if no file refers to the blob any more: the one guarded update by which bytes go. A lease that
 * runs is left alone, so that the purge waits for a push to end. The transaction holds the blob, by a statement before:
 * else MySQL might have looked for files before it had waited for whoever links one.
 */
export async function purgeBlobUnlessNeeded(tx: Queries, id: string): Promise<boolean> {
  const needed = tx
    .select({ one: sql`1` })
    .from(files)
    .where(eq(files.blobId, blobs.id));
  const result = await tx
    .update(blobs)
    .set({ state: "purging", liveSha1: null, attempts: 0 })
    .where(and(eq(blobs.id, id), inArray(blobs.state, ["spooled", "stored"]), notExists(needed)));
  if (affectedRows(result) === 0) return false;
  // A push that was given up on waits for a person, and would for ever: its purge must not.
  await tx
    .update(blobs)
    .set(free)
    .where(and(eq(blobs.id, id), eq(blobs.leaseUntil, parkedUntil)));
  return true;
}

/** Removes the row of a blob whose bytes are gone. */
export async function forgetBlob(catalog: Catalog, lease: Lease): Promise<boolean> {
  return affectedRows(await catalog.db.delete(blobs).where(and(holds(lease), eq(blobs.state, "purging")))) === 1;
}

/** Blobs in `state` that wait for a worker: those in the spool of `node`, and those in no spool. */
export async function dueBlobs(catalog: Catalog, state: "spooled" | "purging", node: string, now: number, limit: number) {
  const rows = await catalog.db
    .select({ id: blobs.id })
    .from(blobs)
    .where(and(eq(blobs.state, state), lte(blobs.leaseUntil, now), or(eq(blobs.node, node), isNull(blobs.node))))
    .orderBy(asc(blobs.leaseUntil))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** Which of `spoolIds` a blob still needs. */
export async function blobsInSpool(db: Queries, spoolIds: string[]): Promise<string[]> {
  const rows = await db
    .select({ spoolId: blobs.spoolId })
    .from(blobs)
    .where(and(inArray(blobs.spoolId, spoolIds), eq(blobs.state, "spooled")));
  return rows.flatMap((row) => row.spoolId ?? []);
}
