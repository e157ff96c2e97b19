import { and, asc, desc, eq, isNotNull, isNull, lte, sql, sum } from "drizzle-orm";

import { AppError } from "#lib/errors/mod.ts";

import { type Blob, holdBlob, lockBlob, purgeBlobUnlessNeeded } from "./blobs.ts";
import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows, isDuplicate } from "./errors.ts";
import { freeName, searchable, takenNames } from "./names.ts";
import { prepared } from "./prepared.ts";
import { remembered } from "./remembered.ts";
import { files } from "./schema.ts";
import { endSharesOfFile } from "./shares.ts";
import { stored, type StoredFile } from "./stored_file.ts";
import { holdUser } from "./users.ts";
import { endVideosOf } from "./videos.ts";

export type File = typeof files.$inferSelect;

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

/** A file of a blob that the transaction holds. */
export interface NewFile {
  id: string;
  name: string;
  blob: Blob;
}

/**
 * Gives a user a file under its name, or the next free one like it.
 *
 * @throws {AppError} `unauthorized` when the account was deleted meanwhile: nothing may be left to nobody.
 */
export async function insertFile(
  tx: Queries,
  { userId, now, ...file }: NewFile & { userId: string; now: number },
): Promise<StoredFile> {
  await holdUser(tx, userId);
  return await insertHeld(tx, userId, { ...file, name: await freeName(tx, userId, file.name) }, now);
}

/** {@link insertFile} for many: those whose names are free by one statement. @returns them in the order given. */
export async function insertFiles(tx: Queries, userId: string, given: NewFile[], now: number): Promise<StoredFile[]> {
  await holdUser(tx, userId);
  const taken = await takenNames(tx, userId, new Set(given.map(({ name }) => name)));
  const free = given.filter(({ name }) => !taken.has(name) && taken.add(name));
  const rows = free.map((each) => rowOf(userId, each, now));
  // Not by `insertRows`: a form may be of any number of files, and a statement would be kept for each.
  if (rows.length > 0) await tx.insert(files).values(rows);
  const made = new Map(free.map((each, i): [NewFile, StoredFile] => [each, { file: rows[i]!, blob: each.blob }]));
  for (const each of given) {
    if (made.has(each)) continue;
    made.set(each, await insertHeld(tx, userId, { ...each, name: await freeName(tx, userId, each.name) }, now));
  }
  return given.flatMap((each) => made.get(each) ?? []);
}

async function insertHeld(tx: Queries, userId: string, given: NewFile, now: number): Promise<StoredFile> {
  const file = rowOf(userId, given, now);
  await insert(tx).execute(file);
  return { file, blob: given.blob };
}

function rowOf(userId: string, { id, name, blob }: NewFile, now: number) {
  return {
    id,
    userId,
    name,
    liveName: name,
    searchName: searchable(name),
    blobId: blob.id,
    sha1: blob.sha1,
    size: blob.size,
    uploadedAt: now,
    updatedAt: now,
    deletedAt: null,
    purgeAt: null,
  };
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
  const held = await tx
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.id, id), eq(files.userId, userId), isNull(files.deletedAt)))
    .for("update");
  return held.length === 1;
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

/** Sum of the sizes of a user's living files, bytes. */
export async function bytesOf(db: Queries, userId: string): Promise<number> {
  const [row] = await db
    .select({ bytes: sum(files.size) })
    .from(files)
    .where(and(eq(files.userId, userId), isNull(files.deletedAt)));
  return Number(row?.bytes ?? 0);
}
