import { and, asc, count, eq, gt, isNotNull, lt, lte, notInArray, type SQL } from "drizzle-orm";

import { AppError } from "#lib/errors/mod.ts";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { free, holds, type Lease, parkedUntil } from "./leases.ts";
import { fetches, uploads } from "./schema.ts";
import { type NewUpload, type Upload, uploadById } from "./uploads.ts";
import { holdUser } from "./users.ts";

export type Fetch = typeof fetches.$inferSelect;

/** What a new one begins with. */
export type NewFetch = Pick<Fetch, "url" | "isNamed">;

/** How far the transfer of a representation is: all of it begins anew with another representation. */
export type Transferred = Pick<Fetch, "length" | "received" | "validator">;

/** When one of many downloads may be done: a guess. */
const retryAfterSeconds = 60;

/**
 * Makes an upload that the drive fetches by itself.
 *
 * @param made adds to the transaction, and may refuse the upload by throwing. What it gives is the file of an upload that is
 *   done already; else it waits for the worker of its node.
 * @param most uploads of one user that may wait for a worker, or be fetched, at a time; one that is done already always may.
 * @throws {AppError} `unauthorized` when the account was deleted meanwhile, `too-many-downloads`.
 */
export async function insertFetch(
  catalog: Catalog,
  upload: NewUpload,
  fetch: NewFetch,
  made: (tx: Queries) => Promise<string | undefined>,
  most: number,
): Promise<Upload> {
  return await catalog.transaction(async (tx) => {
    // Before the user is held: whoever links a file holds its blob first.
    const fileId = await made(tx);
    await holdUser(tx, upload.userId);
    if (fileId === undefined) await mustBeFewer(tx, upload.userId, most);
    const state = fileId === undefined ? "fetching" : "done";
    await tx.insert(uploads).values({ ...upload, state, updatedAt: upload.createdAt, ...(fileId !== undefined && { fileId }) });
    await tx.insert(fetches).values({ id: upload.id, ...fetch });
    const row = await uploadById(tx, upload.id);
    if (!row) throw new Error(`upload ${upload.id} is gone within its own transaction`);
    return row;
  });
}

/** Whoever holds the user counts alone: of many that ask at once, none is taken past the last. */
async function mustBeFewer(tx: Queries, userId: string, most: number): Promise<void> {
  const [row] = await tx
    .select({ held: count() })
    .from(uploads)
    .where(and(eq(uploads.userId, userId), eq(uploads.state, "fetching")));
  const held = row?.held ?? 0;
  if (held < most) return;
  const text = `${held} offline downloads of yours are not done yet, and ${most} may be: cancel some, or try again later`;
  throw new AppError("too-many-downloads", text, { retryAfterSeconds });
}

/** Where an upload's bytes come from; `undefined` for one whose client sends them. */
export async function fetchById(db: Queries, id: string): Promise<Fetch | undefined> {
  const [fetch] = await db.select().from(fetches).where(eq(fetches.id, id));
  return fetch;
}

/**
 * Uploads that the fetch worker of `node` is to go on with, longest due first, but for those of users of whom it fetches
 * `perUser` or more now.
 */
export async function fetchesDue(
  catalog: Catalog,
  { node, now, limit, perUser }: { node: string; now: number; limit: number; perUser: number },
): Promise<string[]> {
  const running = await catalog.db.select({ userId: uploads.userId }).from(uploads).where(isRunning(node, now));
  const busy = [...Map.groupBy(running, ({ userId }) => userId)].filter(([, theirs]) => theirs.length >= perUser);
  const ofOthers =
    busy.length === 0
      ? undefined
      : notInArray(
          uploads.userId,
          busy.map(([userId]) => userId),
        );
  const rows = await catalog.db
    .select({ id: uploads.id })
    .from(uploads, { forceIndex: "uploads_due" })
    .where(and(eq(uploads.state, "fetching"), lte(uploads.leaseUntil, now), eq(uploads.node, node), ofOthers))
    .orderBy(asc(uploads.leaseUntil))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** How many of a user's uploads that are older than `id` are being fetched by a node now. */
export async function countOlderFetches(
  catalog: Catalog,
  { id, userId, node }: Pick<Upload, "id" | "userId" | "node">,
  now: number,
): Promise<number> {
  const [row] = await catalog.db
    .select({ held: count() })
    .from(uploads)
    .where(and(isRunning(node, now), eq(uploads.userId, userId), lt(uploads.id, id)));
  return row?.held ?? 0;
}

function isRunning(node: string, now: number): SQL | undefined {
  const isLeased = and(isNotNull(uploads.leaseOwner), gt(uploads.leaseUntil, now), lt(uploads.leaseUntil, parkedUntil));
  return and(eq(uploads.state, "fetching"), eq(uploads.node, node), isLeased);
}

/**
 * Notes how far a transfer is, and what it has come to be called; the upload's life slides on.
 *
 * @returns whether it still is its worker's: not cancelled, and not taken over.
 */
export async function noteFetch(
  catalog: Catalog,
  lease: Lease,
  { name, ...far }: Partial<Transferred> & { name?: string },
  { now, expiresAt }: { now: number; expiresAt: number },
): Promise<boolean> {
  return await catalog.transaction(async (tx) => {
    if (!(await setFetching(tx, lease, { updatedAt: now, expiresAt, ...(name !== undefined && { name }) }))) return false;
    if (Object.keys(far).length > 0) await tx.update(fetches).set(far).where(eq(fetches.id, lease.id));
    return true;
  });
}

/**
 * Reserves space for the first `size` bytes of an upload.
 *
 * @param check sees the reservation in the transaction, which holds the user, and may refuse it by throwing.
 * @returns whether it still is its worker's.
 */
export async function reserveFetch(
  catalog: Catalog,
  lease: Lease,
  { userId, chunkSize }: Pick<Upload, "userId" | "chunkSize">,
  size: number,
  check: (tx: Queries) => Promise<void>,
): Promise<boolean> {
  return await catalog.transaction(async (tx) => {
    await holdUser(tx, userId);
    if (!(await setFetching(tx, lease, { size, chunkCount: Math.ceil(size / chunkSize) }))) return false;
    await check(tx);
    return true;
  });
}

/** `fetching` → `verifying`: all bytes are there. @returns whether it still was its worker's. */
export async function closeFetch(
  catalog: Catalog,
  lease: Lease,
  { size, chunkSize }: Pick<Upload, "size" | "chunkSize">,
  now: number,
): Promise<boolean> {
  const chunkCount = Math.ceil(size / chunkSize);
  return await setFetching(catalog.db, lease, { state: "verifying", size, chunkCount, updatedAt: now, ...free });
}

/** `fetching` → `failed`. `error` is an error code. @returns whether it still was its worker's. */
export async function failFetch(
  catalog: Catalog,
  lease: Lease,
  error: string,
  { now, expiresAt }: { now: number; expiresAt: number },
): Promise<boolean> {
  return await setFetching(catalog.db, lease, { state: "failed", error, updatedAt: now, expiresAt, ...free });
}

/** Whether an upload still is its worker's to fetch. */
export async function isFetching(catalog: Catalog, lease: Lease): Promise<boolean> {
  const rows = await catalog.db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(holds(lease), eq(uploads.state, "fetching")));
  return rows.length === 1;
}

async function setFetching(db: Queries, lease: Lease, set: Partial<Upload>): Promise<boolean> {
  const result = await db
    .update(uploads)
    .set(set)
    .where(and(holds(lease), eq(uploads.state, "fetching")));
  return affectedRows(result) === 1;
}
