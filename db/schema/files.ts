import { index, mysqlTable, uniqueIndex, varchar } from "drizzle-orm/mysql-core";

import { id, sha1, millis, bytes, orNull } from "./columns.ts";

export const files = mysqlTable(
  "files",
  {
    id: id("id").primaryKey(),
    userId: id("user_id").notNull(),
    /** NFC. */
    name: varchar("name", { length: 255 }).notNull(),
    /** The name, until it is deleted: two files of one user may not share a name. */
    liveName: varchar("live_name", { length: 255 }).$default(orNull),
    /** The name as it is searched: NFKC, lower case. NFKC may lengthen a name, hence the room. */
    searchName: varchar("search_name", { length: 1024 }).notNull(),
    blobId: id("blob_id").notNull(),
    sha1: sha1("sha1").notNull(),
    size: bytes("size").notNull(),
    uploadedAt: millis("uploaded_at").notNull(),
    /** Last change of anything a client sees, its blob's state included. */
    updatedAt: millis("updated_at").notNull(),
    deletedAt: millis("deleted_at").$default(orNull),
    /** When a deleted file's row goes, and with the last one the bytes. */
    purgeAt: millis("purge_at").$default(orNull),
  },
  (t) => [
    uniqueIndex("files_live_name").on(t.userId, t.liveName),
    // With the size, for what a user's files sum up to.
    index("files_list").on(t.userId, t.deletedAt, t.id, t.size),
    index("files_sha1").on(t.userId, t.sha1, t.id),
    index("files_blob").on(t.blobId),
    index("files_changed").on(t.userId, t.updatedAt, t.id),
    index("files_purge").on(t.purgeAt),
  ],
);
