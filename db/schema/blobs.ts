import { index, mysqlTable, uniqueIndex, varchar } from "drizzle-orm/mysql-core";

import { id, sha1, sha256, millis, bytes, orNull, lease } from "./columns.ts";

/** `spooled`: bytes in `node`'s spool under `spoolId`. `stored`: object `key` in `store`. `purging`: about to go. */
export type BlobState = "spooled" | "stored" | "purging";

export const blobs = mysqlTable(
  "blobs",
  {
    id: id("id").primaryKey(),
    sha1: sha1("sha1").notNull(),
    /** The sha1, until it is purged: at most one blob of a content lives. */
    liveSha1: sha1("live_sha1").$default(orNull),
    sha256: sha256("sha256").notNull(),
    size: bytes("size").notNull(),
    state: varchar("state", { length: 16 }).$type<BlobState>().notNull(),
    spoolId: id("spool_id").$default(orNull),
    node: id("node").$default(orNull),
    store: varchar("store", { length: 64 }).$default(orNull),
    key: varchar("key", { length: 255 }).$default(orNull),
    createdAt: millis("created_at").notNull(),
    ...lease,
  },
  (t) => [
    uniqueIndex("blobs_live_sha1").on(t.liveSha1),
    index("blobs_due").on(t.state, t.leaseUntil),
    index("blobs_spool").on(t.spoolId),
  ],
);
