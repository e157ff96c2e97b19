import { and, asc, count, eq, inArray, lte, sql, sum } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { type ChangePosition, isAfter } from "./change_position.ts";
import { affectedRows } from "./errors.ts";
import { free, holds, type Lease } from "./leases.ts";
import { prepared } from "./prepared.ts";
import { remembered } from "./remembered.ts";
import { fetches, type UploadState, uploads } from "./schema.ts";

export type Upload = typeof uploads.$inferSelect;

/** The states in which an upload gets bytes: its space is reserved. */
const receiving: UploadState[] = ["open", "fetching"];
/** The states that are not final. */
export const pendingStates: UploadState[] = [...receiving, "verifying"];

/** What a new upload is made of; the rest of its row begins empty. */
export type NewUpload = Pick<
  Upload,
  "id" | "userId" | "name" | "size" | "sha1" | "chunkSize" | "chunkCount" | "node" | "requestId" | "createdAt" | "expiresAt"
>;

/** The row of a new upload, as it is inserted. */
export function newUploadRow(upload: NewUpload): Readonly<Upload> {
  const rest = { error: null, fileId: null, leaseOwner: null, leaseUntil: 0, fence: 0, attempts: 0 };
  return Object.freeze({ ...upload, ...rest, state: "open" as const, updatedAt: upload.createdAt });
}

const byId = prepared((db) =>
  db
    .select()
    .from(uploads)
    .where(eq(uploads.id, sql.placeholder("id")))
    .prepare(),
);

/** An upload, whoever owns it. */
export async function uploadById(db: Queries, id: string): Promise<Upload | undefined> {
  return (await byId(db).execute({ id }))[0];
}

/** The same for one who only has to know how it stood when the request came; `null` where there was none. */
export const rememberedUpload = remembered(async (db, id): Promise<Readonly<Upload> | null> => {
  const upload = await uploadById(db, id);
  return upload ? Object.freeze(upload) : null;
});

/** The user's open upload of a content, if there is one to go on with. */
export async function openUploadOf(db: Queries, userId: string, sha1: string, size: number): Promise<Upload | undefined> {
  const [upload] = await db
    .select()
    .from(uploads)
    .where(and(eq(uploads.userId, userId), eq(uploads.state, "open"), eq(uploads.sha1, sha1), eq(uploads.size, size)))
    .limit(1);
  return upload;
}

/** Slides an open upload's expiry. */
export async function renewUpload(catalog: Catalog, id: string, expiresAt: number): Promise<void> {
  await catalog.db
    .update(uploads)
    .set({ expiresAt })
    .where(and(eq(uploads.id, id), eq(uploads.state, "open")));
}

/** `open` → `verifying`. @returns whether it was open. */
export async function closeUpload(catalog: Catalog, id: string, now: number, requestId: string): Promise<boolean> {
  const result = await catalog.db
    .update(uploads)
    .set({ state: "verifying", updatedAt: now, requestId, ...free })
    .where(and(eq(uploads.id, id), eq(uploads.state, "open")));
  return affectedRows(result) === 1;
}

/** `verifying` → `open`, or `fetching` where the drive itself gets the bytes, by the worker that found chunks torn. */
export async function reopenUpload(
  catalog: Catalog,
  lease: Lease,
  state: "open" | "fetching",
  { now, expiresAt }: { now: number; expiresAt: number },
): Promise<boolean> {
  return await leave(catalog, lease, { state, updatedAt: now, expiresAt });
}

/** `verifying` → `failed`. `error` is an error code. */
export async function failUpload(
  catalog: Catalog,
  lease: Lease,
  error: string,
  now: number,
  expiresAt: number,
): Promise<boolean> {
  return await leave(catalog, lease, { state: "failed", error, updatedAt: now, expiresAt });
}

/** `verifying` → `done`, in the transaction that makes its file. */
export async function finishUpload(tx: Queries, lease: Lease, fileId: string, now: number, expiresAt: number): Promise<boolean> {
  return await leave({ db: tx }, lease, { state: "done", fileId, updatedAt: now, expiresAt });
}

async function leave({ db }: Pick<Catalog, "db">, lease: Lease, set: Partial<Upload>): Promise<boolean> {
  const result = await db
    .update(uploads)
    .set({ ...set, ...free })
    .where(and(holds(lease), eq(uploads.state, "verifying")));
  return affectedRows(result) === 1;
}

/** `open`, `fetching` or `verifying` → `cancelled`. @returns whether it was one of these. */
export async function cancelUpload(catalog: Catalog, id: string, now: number, expiresAt: number): Promise<boolean> {
  const result = await catalog.db
    .update(uploads)
    .set({ state: "cancelled", updatedAt: now, expiresAt, ...free })
    .where(and(eq(uploads.id, id), inArray(uploads.state, pendingStates)));
  return affectedRows(result) === 1;
}

/** Cancels uploads that got nothing until `now`. @returns those it cancelled. */
export async function expireUploads(catalog: Catalog, now: number, keepUntil: number, limit: number): Promise<Upload[]> {
  const isDue = and(inArray(uploads.state, receiving), lte(uploads.expiresAt, now));
  const due = await catalog.db.select().from(uploads).where(isDue).limit(limit);
  const expired: Upload[] = [];
  for (const upload of due) {
    const result = await catalog.db
      .update(uploads)
      .set({ state: "cancelled", updatedAt: now, expiresAt: keepUntil, ...free })
      .where(and(eq(uploads.id, upload.id), isDue));
    if (affectedRows(result) === 1) expired.push(upload);
  }
  return expired;
}

/**
 * Removes rows of ended uploads that were kept long enough for clients to ask about, `limit` at most, and with each what says
 * where it was fetched from. @returns how many.
 */
export async function forgetUploads(catalog: Catalog, now: number, limit: number): Promise<number> {
  const ended = inArray(uploads.state, ["done", "failed", "cancelled"]);
  return await catalog.transaction(async (tx) => {
    const due = and(ended, lte(uploads.expiresAt, now));
    const ids = (await tx.select({ id: uploads.id }).from(uploads).where(due).limit(limit)).map(({ id }) => id);
    if (ids.length === 0) return 0;
    // What has ended changes no more: another sweep that found the same rows removes the same.
    await tx.delete(fetches).where(inArray(fetches.id, ids));
    await tx.delete(uploads).where(inArray(uploads.id, ids));
    return ids.length;
  });
}

/** Uploads that wait for the merge worker of `node`. */
export async function dueUploads(catalog: Catalog, node: string, now: number, limit: number): Promise<string[]> {
  const rows = await catalog.db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(eq(uploads.state, "verifying"), lte(uploads.leaseUntil, now), eq(uploads.node, node)))
    .orderBy(asc(uploads.leaseUntil))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** The uploads of a node that get bytes: what they may still write is reserved. */
export async function openUploads(
  catalog: Catalog,
  node: string,
): Promise<Pick<Upload, "id" | "size" | "chunkSize" | "chunkCount">[]> {
  return await catalog.db
    .select({ id: uploads.id, size: uploads.size, chunkSize: uploads.chunkSize, chunkCount: uploads.chunkCount })
    .from(uploads)
    .where(and(eq(uploads.node, node), inArray(uploads.state, receiving)));
}

const openSum = prepared((db) =>
  db
    .select({ bytes: sum(uploads.size) })
    .from(uploads)
    .where(and(eq(uploads.node, sql.placeholder("node")), inArray(uploads.state, receiving)))
    .prepare(),
);

/** Sum of the sizes of a node's uploads that get bytes, bytes. */
export async function openBytes(catalog: Catalog, node: string): Promise<number> {
  const [row] = await openSum(catalog.db).execute({ node });
  return Number(row?.bytes ?? 0);
}

/** Sum of the sizes of a user's uploads that are not yet files, bytes. */
export async function pendingBytesOf(db: Queries, userId: string): Promise<number> {
  const [row] = await db
    .select({ bytes: sum(uploads.size) })
    .from(uploads)
    .where(and(eq(uploads.userId, userId), inArray(uploads.state, pendingStates)));
  return Number(row?.bytes ?? 0);
}

export async function countOpenUploads(catalog: Catalog): Promise<number> {
  const [row] = await catalog.db.select({ open: count() }).from(uploads).where(eq(uploads.state, "open"));
  return row?.open ?? 0;
}

/** A page of a user's uploads that changed after a position, oldest change first. */
export async function uploadsChangedAfter(
  catalog: Catalog,
  userId: string,
  after: ChangePosition,
  limit: number,
): Promise<Upload[]> {
  return await catalog.db
    .select()
    .from(uploads)
    .where(and(eq(uploads.userId, userId), isAfter(uploads, after)))
    .orderBy(asc(uploads.updatedAt), asc(uploads.id))
    .limit(limit);
}

/** The states of those of `ids` that are uploads. */
export async function uploadStates(db: Queries, ids: string[]): Promise<Map<string, UploadState>> {
  const rows = await db.select({ id: uploads.id, state: uploads.state }).from(uploads).where(inArray(uploads.id, ids));
  return new Map(rows.map(({ id, state }) => [id, state]));
}
