import { and, desc, eq, gt, inArray, isNull, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { MySqlColumn } from "drizzle-orm/mysql-core";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { prepared } from "./prepared.ts";
import { remembered } from "./remembered.ts";
import { files, shares, users } from "./schema.ts";

type Share = typeof shares.$inferSelect;

// By scalar subqueries, as a file's blob is read (files.ts).
const ofFile = <T>(column: MySqlColumn) => sql<T>`(select ${column} from ${files} where ${files.id} = ${shares.fileId})`;
const nameOf = <T>(id: MySqlColumn) => sql<T>`(select ${users.username} from ${users} where ${users.id} = ${id})`;

const shareColumns = {
  id: shares.id,
  code: shares.code,
  userId: shares.userId,
  fileId: shares.fileId,
  withId: shares.withId,
  passwordHash: shares.passwordHash,
  expiresAt: shares.expiresAt,
  maxDownloads: shares.maxDownloads,
  downloads: shares.downloads,
  views: shares.views,
  listed: shares.listed,
  createdAt: shares.createdAt,
};
const shown = {
  ...shareColumns,
  owner: nameOf<string>(shares.userId),
  withName: nameOf<string | null>(shares.withId),
  fileName: ofFile<string>(files.name),
  fileSize: sql<number>`${ofFile(files.size)}`.mapWith(Number),
};

/** A share with the names that it is shown by. Times are epoch milliseconds, sizes bytes. */
export type LiveShare = Readonly<
  Pick<Share, keyof typeof shareColumns> & { owner: string; withName: string | null; fileName: string; fileSize: number }
>;

/** Its file lives as long as it does: whoever deletes the one ends the other. */
const isLive = isNull(shares.deletedAt);
const isOpenAt = (now: number) => and(isLive, or(isNull(shares.expiresAt), gt(shares.expiresAt, now)));

const byCode = prepared((db) =>
  db
    .select(shown)
    .from(shares)
    .where(and(eq(shares.code, sql.placeholder("code")), isLive))
    .prepare(),
);

/** A share that is not deleted, also one that has expired; `null` where there is none. */
export const shareByCode = remembered(async (db, code): Promise<LiveShare | null> => {
  const [found] = await byCode(db).execute({ code });
  return found ? Object.freeze(found) : null;
});

/** Adds a share, by a transaction that holds its file, its owner, and the user that it is for. */
export async function insertShare(
  tx: Queries,
  share: Omit<Pick<Share, keyof typeof shareColumns | "purgeAt">, "downloads" | "views">,
): Promise<void> {
  await tx.insert(shares).values(share);
}

/** Where a page begins, and how long it is. */
export interface SharePage {
  /** The last id of the page before. */
  before?: string | undefined;
  limit: number;
}

/** A user's shares, the newest first, also those that have expired. */
export async function listShares(db: Queries, userId: string, page: SharePage): Promise<LiveShare[]> {
  return await listWhere(db, and(eq(shares.userId, userId), isLive), page);
}

/** What others share with a user and can be opened at `now`, the newest first. */
export async function listSharesWith(db: Queries, withId: string, now: number, page: SharePage): Promise<LiveShare[]> {
  return await listWhere(db, and(eq(shares.withId, withId), isOpenAt(now)), page);
}

async function listWhere(db: Queries, where: SQL | undefined, { before, limit }: SharePage): Promise<LiveShare[]> {
  return await db
    .select(shown)
    .from(shares)
    .where(and(where, before === undefined ? undefined : lt(shares.id, before)))
    .orderBy(desc(shares.id))
    .limit(limit);
}

/** The listed shares that can be opened at `now`, most viewed first. */
export async function topShares(db: Queries, now: number, limit: number): Promise<LiveShare[]> {
  return await db
    .select(shown)
    .from(shares)
    .where(and(eq(shares.listed, 1), isOpenAt(now)))
    .orderBy(desc(shares.views), desc(shares.id))
    .limit(limit);
}

/** Those of `ids` that {@link topShares} would show, in the same order. */
export async function listedShares(db: Queries, now: number, ids: string[]): Promise<LiveShare[]> {
  if (ids.length === 0) return [];
  return await db
    .select(shown)
    .from(shares)
    .where(and(inArray(shares.id, ids), eq(shares.listed, 1), isOpenAt(now)))
    .orderBy(desc(shares.views), desc(shares.id));
}

const ended = (now: number, purgeAt: number) => ({ deletedAt: now, purgeAt, listed: 0 });

/** Ends a share of a user; its row goes with the next purge. @returns whether there was such a share. */
export async function deleteShare(db: Queries, userId: string, code: string, now: number): Promise<boolean> {
  const own = and(eq(shares.code, code), eq(shares.userId, userId), isLive);
  return affectedRows(await db.update(shares).set(ended(now, now)).where(own)) === 1;
}

/** Ends the shares of a file that is deleted, by the transaction that deletes it. */
export async function endSharesOfFile(tx: Queries, fileId: string, now: number, purgeAt: number): Promise<void> {
  await tx
    .update(shares)
    .set(ended(now, purgeAt))
    .where(and(eq(shares.fileId, fileId), isLive));
}

/** Ends what a user shares, and what is shared with them, by the transaction that deletes the account. */
export async function endSharesOfUser(tx: Queries, userId: string, now: number, purgeAt: number): Promise<void> {
  for (const whose of [shares.userId, shares.withId]) {
    await tx
      .update(shares)
      .set(ended(now, purgeAt))
      .where(and(eq(whose, userId), isLive));
  }
}

/** Removes rows of shares that are due, `limit` at most. @returns how many. */
export async function purgeShares(catalog: Catalog, now: number, limit: number): Promise<number> {
  const due = lte(shares.purgeAt, now);
  const rows = await catalog.db.select({ id: shares.id }).from(shares).where(due).limit(limit);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await catalog.db.delete(shares).where(and(inArray(shares.id, ids), due));
  return rows.length;
}
