import { and, eq, type Placeholder, sql } from "drizzle-orm";

import type { Catalog } from "./catalog.ts";
import { affectedRows, isDuplicate } from "./errors.ts";
import { holdShared } from "./hold_shared.ts";
import { insertFrom } from "./insert_from.ts";
import { insertRows } from "./insert_rows.ts";
import { searchable } from "./names.ts";
import { prepared } from "./prepared.ts";
import { blobs, files, users } from "./schema.ts";
import type { BlobPlace, StoredFile } from "./stored_file.ts";
import { together } from "./together.ts";

interface Link {
  id: string;
  userId: string;
  name: string;
  sha1: string;
  now: number;
  blob: Readonly<BlobPlace>;
}

// Stored, so that nothing of what is told of it here is about to change.
const isStored = eq(blobs.state, sql`'stored'`);

const insert = prepared((db) => {
  const user = eq(users.id, sql.placeholder("userId"));
  const blob = and(eq(blobs.id, sql.placeholder("blobId")), isStored);
  // The blob first, as whoever holds both does.
  const source = sql`from ${blobs} inner join ${users} on ${user} where ${blob}`;
  return insertFrom(db, files, { ...rowOf(sql.placeholder), userId: users.id, blobId: blobs.id }, source).prepare();
});

const insertMany = insertRows(files, rowOf);

function rowOf(given: (name: string) => Placeholder) {
  return {
    id: given("id"),
    userId: given("userId"),
    name: given("name"),
    liveName: given("name"),
    searchName: given("searchName"),
    blobId: given("blobId"),
    sha1: given("sha1"),
    size: given("size"),
    uploadedAt: given("now"),
    updatedAt: given("now"),
  };
}

const link = together<Link, StoredFile | undefined>({
  one: async ({ db }, item) => {
    try {
      return affectedRows(await insert(db).execute(valuesOf(item))) === 1 ? madeOf(item) : undefined;
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
  },
  many: async (tx, items) => {
    const blobIds = items.map(({ blob }) => blob.id);
    const userIds = items.map(({ userId }) => userId);
    if (!(await holdShared(tx, blobs, blobIds, isStored)) || !(await holdShared(tx, users, userIds)))
      throw new Error("one of the blobs is not stored any more, or one of the users is gone");
    await insertMany(tx, items.map(valuesOf));
    return items.map(madeOf);
  },
});

function valuesOf({ id, userId, name, sha1, now, blob }: Link) {
  return { id, userId, name, searchName: searchable(name), blobId: blob.id, sha1, size: blob.size, now };
}

function madeOf({ id, userId, name, sha1, now, blob }: Link): StoredFile {
  return { file: { id, userId, name, sha1, size: blob.size, uploadedAt: now, updatedAt: now, deletedAt: null }, blob };
}

/**
 * `linkFile` for a stored blob that was just read, without waiting for anybody but who is about to purge the blob or to delete the
 * user.
 *
 * @returns `undefined` where anything stands in its way, such as a name that is taken: nothing was made then, and `linkFile`
 *   makes it, or says what is wrong.
 */
export async function linkStored(
  catalog: Catalog,
  blob: Readonly<BlobPlace>,
  file: Omit<Link, "blob">,
): Promise<StoredFile | undefined> {
  return await link(catalog, { ...file, blob });
}
