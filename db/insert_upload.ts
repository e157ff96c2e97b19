import { eq, type Placeholder, sql } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { holdShared } from "./hold_shared.ts";
import { insertFrom } from "./insert_from.ts";
import { insertRows } from "./insert_rows.ts";
import { prepared } from "./prepared.ts";
import { uploads, users } from "./schema.ts";
import { together } from "./together.ts";
import { type NewUpload, openUploadOf, type Upload } from "./uploads.ts";
import { accountGone, holdUser } from "./users.ts";

const insert = prepared((db) =>
  insertFrom(
    db,
    uploads,
    { ...rowOf(sql.placeholder), userId: users.id, leaseUntil: 0, fence: 0, attempts: 0 },
    sql`from ${users} where ${eq(users.id, sql.placeholder("userId"))}`,
  ).prepare(),
);

const insertMany = insertRows(uploads, rowOf);

function rowOf(given: (name: string) => Placeholder) {
  return {
    id: given("id"),
    userId: given("userId"),
    name: given("name"),
    size: given("size"),
    sha1: given("sha1"),
    chunkSize: given("chunkSize"),
    chunkCount: given("chunkCount"),
    state: "open" as const,
    node: given("node"),
    requestId: given("requestId"),
    createdAt: given("createdAt"),
    updatedAt: given("createdAt"),
    expiresAt: given("expiresAt"),
  };
}

const insertAlone = together<NewUpload, undefined>({
  one: async ({ db }, upload) => await insertFor(db, upload),
  many: async (tx, items) => {
    const userIds = items.map(({ userId }) => userId);
    if (!(await holdShared(tx, users, userIds))) throw new Error("one of the users is gone");
    await insertMany(tx, items);
    return items.map(() => undefined);
  },
});

/**
 * Opens an upload, unless the user has an open one of that content: another gateway may have opened it meanwhile.
 *
 * @param check sees the upload in the transaction, and may refuse it by throwing.
 * @returns the open one that was there; nothing was made then.
 * @throws {AppError} `unauthorized` when the account was deleted meanwhile.
 */
export async function insertUpload(
  catalog: Catalog,
  upload: NewUpload,
  check?: (tx: Queries) => Promise<void>,
): Promise<Upload | undefined> {
  const { userId, sha1, size } = upload;
  // Where nothing depends on what else the user has, nobody has to wait for the user's row.
  if (sha1 === null && check === undefined) return await insertAlone(catalog, upload);
  return await catalog.transaction(async (tx) => {
    await holdUser(tx, userId);
    const open = sha1 === null ? undefined : await openUploadOf(tx, userId, sha1, size);
    if (open) return open;
    await insertFor(tx, upload);
    await check?.(tx);
    return undefined;
  });
}

/** @throws {AppError} `unauthorized`. */
async function insertFor(db: Queries, upload: NewUpload): Promise<undefined> {
  if (affectedRows(await insert(db).execute({ ...upload })) === 0) throw accountGone(upload.userId);
}
