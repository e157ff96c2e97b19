import { and, asc, desc, eq, gte, isNotNull, isNull, lt, lte, sql, sum } from "drizzle-orm";
import type { MySqlColumn } from "drizzle-orm/mysql-core";

import { AppError } from "#lib/errors/mod.ts";

import { type Blob, holdBlob, lockBlob, purgeBlobUnlessNeeded } from "./blobs.ts";
import type { Catalog, Queries } from "./catalog.ts";
import { type ChangePosition, isAfter } from "./change_position.ts";
import { affectedRows, isDuplicate } from "./errors.ts";
import { escapeLike, freeName, searchable } from "./names.ts";
import { prepared } from "./prepared.ts";
import { remembered } from "./remembered.ts";
import { type BlobState, blobs, files } from "./schema.ts";
import { endSharesOfFile } from "./shares.ts";
import { holdUser } from "./users.ts";
import { endVideosOf } from "./videos.ts";

export type File = typeof files.$inferSelect;

// Named one by one, since each column read costs its share of a small request.
const fileColumns = {
  id: files.id,
  userId: files.userId,
  name: files.name,
  sha1: files.sha1,
  size: files.size,
  uploadedAt: files.uploadedAt,
  updatedAt: files.updatedAt,
  deletedAt: files.deletedAt,
};
/**
 * A column of a file's blob. Read by a scalar subquery rather than a join: Bun's SQLite (3.54) takes 1.3 µs for a row of
 * one table, 0.2 for each such subquery, and 5 to 10 as soon as a second table is joined.
 */
const ofBlob = <T>(column: MySqlColumn) => sql<T>`(select ${column} from ${blobs} where ${blobs.id} = ${files.blobId})`;
const blobColumns = {
  id: files.blobId,
  size: files.size,
  sha256: ofBlob<string>(blobs.sha256),
  state: ofBlob<BlobState>(blobs.state),
  spoolId: ofBlob<string | null>(blobs.spoolId),
  node: ofBlob<string | null>(blobs.node),
  store: ofBlob<string | null>(blobs.store),
  key: ofBlob<string | null>(blobs.key),
};
const stored = { file: fileColumns, blob: blobColumns };

/** Where the bytes of a blob lie, and what they are. */
export type BlobPlace = Pick<Blob, keyof typeof blobColumns>;

/** A file with the blob that holds its bytes. */
export interface StoredFile {
  readonly file: Readonly<Pick<File, keyof typeof fileColumns>>;
  readonly blob: Readonly<BlobPlace>;
}

const byId = prepared((db) =>
  db
    .select(stored)
    .from(files)
    .where(and(eq(files.id, sql.placeholder("id")), isNull(files.deletedAt)))
    .prepare(),
);

/** A living file, whoever owns it; `null` where there is none. */
export const fileById = remembered(async (db, id): Promise<StoredFile | null> => {
  const [found] = await byId(db).execute({ id });
  return found ? Object.freeze({ file: Object.freeze(found.file), blob: Object.freeze(found.blob) }) : null;
});

const bySha1 = prepared((db) =>
  db
    .select(stored)
    .from(files)
    .where(and(eq(files.userId, sql.placeholder("userId")), eq(files.sha1, sql.placeholder("sha1")), isNull(files.deletedAt)))
    .orderBy(desc(files.id))
    .limit(1)
    .prepare(),
);

/** The user's newest living file of a content. */
export async function fileBySha1(db: Queries, userId: string, sha1: string): Promise<StoredFile | undefined> {
  return (await bySha1(db).execute({ userId, sha1 }))[0];
}

/** Which of a user's living files: with ids from `from` on and less than `before`, the last id of the page before. */
export interface FileRange {
  userId: string;
  from?: string | undefined;
  before?: string | undefined;
}

/**
 * A user's living files, newest first, whose name contains `q` (case-folded). Where few do, each file of the range is looked
 * at: see {@link fileBelow}.
 */
export async function listFiles(
  db: Queries,
  { userId, q, from, before, limit }: FileRange & { q?: string | undefined; limit: number },
): Promise<StoredFile[]> {
  return await db
    .select(stored)
    // Else MySQL reads the newest rows of all for a user who owns a tenth of them, until it has enough of theirs.
    .from(files, { forceIndex: "files_list" })
    .where(
      and(
        eq(files.userId, userId),
        isNull(files.deletedAt),
        before === undefined ? undefined : lt(files.id, before),
        from === undefined ? undefined : gte(files.id, from),
        q ? sql`${files.searchName} like ${`%${escapeLike(searchable(q))}%`} escape '!'` : undefined,
      ),
    )
    .orderBy(desc(files.id))
    .limit(limit);
}

/** Id of the living file of a user before which lie `rows` newer ones, of those before `before`; from the index alone. */
export async function fileBelow(
  db: Queries,
  { userId, before, rows }: FileRange & { rows: number },
): Promise<string | undefined> {
  const [found] = await db
    .select({ id: files.id })
    .from(files, { forceIndex: "files_list" })
    .where(and(eq(files.userId, userId), isNull(files.deletedAt), before === undefined ? undefined : lt(files.id, before)))
    .orderBy(desc(files.id))
    .limit(1)
    .offset(rows);
  return found?.id;
}

const insert = prepared((db) =>
  db
    .insert(files)
    .values({
      id: sql.placeholder("id"),
      userId: sql.placeholder("userId"),
      name: sql.placeholder("name"),
      liveName: sql.placeholder("liveName"),
      searchName: sql.placeholder("searchName"),
      blobId: sql.placeholder("blobId"),
      sha1: sql.placeholder("sha1"),
      size: sql.placeholder("size"),
      uploadedAt: sql.placeholder("uploadedAt"),
      updatedAt: sql.placeholder("updatedAt"),
    })
    .prepare(),
);

/**
 * Gives a user a file of a blob that the transaction holds, under `name` or the next free one like it.
 *
 * @throws {AppError} `unauthorized` when the account was deleted meanwhile: nothing may be left to nobody.
 */
export async function insertFile(
  tx: Queries,
  { id, userId, name, blob, now }: { id: string; userId: string; name: string; blob: Blob; now: number },
): Promise<StoredFile> {
  await holdUser(tx, userId);
  const given = await freeName(tx, userId, name);
  const file = {
    id,
    userId,
    name: given,
    liveName: given,
    searchName: searchable(given),
    blobId: blob.id,
    sha1: blob.sha1,
    size: blob.size,
    uploadedAt: now,
    updatedAt: now,
    deletedAt: null,
    purgeAt: null,
  };
  await insert(tx).execute(file);
  return { file, blob };
}

/**
 * Gives a user a file of a content that lives in the drive.
 *
 * @param check sees the file in the transaction, and may refuse it by throwing.
 * @returns `undefined` where the drive does not have the content (any more).
 */
export async function linkFile(
  catalog: Catalog,
  { id, userId, name, sha1, size, now }: { id: string; userId: string; name: string; sha1: string; size: number; now: number },
  check: (tx: Queries) => Promise<void> = async () => {},
): Promise<StoredFile | undefined> {
  return await retryDuplicates(() =>
    catalog.transaction(async (tx) => {
      const made = await linkFileIn(tx, { id, userId, name, sha1, size, now });
      if (made) await check(tx);
      return made;
    }),
  );
}

/** {@link linkFile} as a part of a transaction, which may have to be run again: see {@link retryDuplicates}. */
export async function linkFileIn(
  tx: Queries,
  { id, userId, name, sha1, size, now }: { id: string; userId: string; name: string; sha1: string; size: number; now: number },
): Promise<StoredFile | undefined> {
  const blob = await holdBlob(tx, sha1);
  return blob?.size === size ? await insertFile(tx, { id, userId, name, blob, now }) : undefined;
}

/** Runs a transaction again when another one took a name or made the same blob first (MySQL; SQLite has one writer). */
export async function retryDuplicates<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (attempts <= 1 || !isDuplicate(error)) throw error;
    return await retryDuplicates(run, attempts - 1);
  }
}

/** Renames a living file of a user. @throws {AppError} `name-taken`. @returns whether there is such a file. */
export async function renameFile(catalog: Catalog, userId: string, id: string, name: string, now: number): Promise<boolean> {
  try {
    const result = await catalog.db
      .update(files)
      .set({ name, liveName: name, searchName: searchable(name), updatedAt: now })
      .where(and(eq(files.id, id), eq(files.userId, userId), isNull(files.deletedAt)));
    return affectedRows(result) === 1;
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new AppError("name-taken", `another file of yours is named ${JSON.stringify(name)}`, { cause: error });
  }
}

/** Marks a living file of a user deleted, with the videos that show it and its shares. @returns whether there was such a file. */
export async function deleteFile(catalog: Catalog, userId: string, id: string, now: number, purgeAt: number): Promise<boolean> {
  return await catalog.transaction(async (tx) => {
    const result = await tx
      .update(files)
      .set({ liveName: null, deletedAt: now, updatedAt: now, purgeAt })
      .where(and(eq(files.id, id), eq(files.userId, userId), isNull(files.deletedAt)));
    if (affectedRows(result) === 0) return false;
    await endVideosOf(tx, id, now, purgeAt);
    await endSharesOfFile(tx, id, now, purgeAt);
    return true;
  });
}

/** Whether a user's file still lives; until the transaction ends, nobody else can delete it. */
export async function holdFile(tx: Queries, userId: string, id: string): Promise<boolean> {
  // As `lockUser` does.
  const result = await tx
    .update(files)
    .set({ updatedAt: sql`${files.updatedAt}` })
    .where(and(eq(files.id, id), eq(files.userId, userId), isNull(files.deletedAt)));
  return affectedRows(result) === 1;
}

/** Deleted files whose grace period is over. */
export async function filesToPurge(catalog: Catalog, now: number, limit: number): Promise<Pick<File, "id" | "blobId">[]> {
  return await catalog.db
    .select({ id: files.id, blobId: files.blobId })
    .from(files)
    .where(lte(files.purgeAt, now))
    .orderBy(asc(files.purgeAt))
    .limit(limit);
}

/**
 * Removes the row of a deleted file, and marks its blob as purging when that was the last file of it.
 *
 * @returns whether the blob waits for the purge worker now.
 */
export async function purgeFile(catalog: Catalog, { id, blobId }: Pick<File, "id" | "blobId">, now: number): Promise<boolean> {
  return await catalog.transaction(async (tx) => {
    // The blob first, as whoever links to it does: in another order, the two would wait for each other.
    await lockBlob(tx, blobId);
    const gone = await tx.delete(files).where(and(eq(files.id, id), isNotNull(files.deletedAt), lte(files.purgeAt, now)));
    return affectedRows(gone) === 1 && (await purgeBlobUnlessNeeded(tx, blobId));
  });
}

/** Notes on every living file of a blob that what a client sees of it changed. @returns whose files they are. */
export async function touchFilesOf(tx: Queries, blobId: string, now: number): Promise<string[]> {
  const isLive = and(eq(files.blobId, blobId), isNull(files.deletedAt));
  await tx.update(files).set({ updatedAt: now }).where(isLive);
  const owners = await tx.selectDistinct({ userId: files.userId }).from(files).where(isLive);
  return owners.map((owner) => owner.userId);
}

/** A page of a user's files that changed after a position, deleted ones too, oldest change first. */
export async function filesChangedAfter(
  catalog: Catalog,
  userId: string,
  after: ChangePosition,
  limit: number,
): Promise<StoredFile[]> {
  return await catalog.db
    .select(stored)
    .from(files)
    .where(and(eq(files.userId, userId), isAfter(files, after)))
    .orderBy(asc(files.updatedAt), asc(files.id))
    .limit(limit);
}

/** Sum of the sizes of a user's living files, bytes. */
export async function bytesOf(db: Queries, userId: string): Promise<number> {
  const [row] = await db
    .select({ bytes: sum(files.size) })
    .from(files)
    .where(and(eq(files.userId, userId), isNull(files.deletedAt)));
  return Number(row?.bytes ?? 0);
}
