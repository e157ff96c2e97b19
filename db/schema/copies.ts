import { index, mysqlTable, uniqueIndex, varchar } from "drizzle-orm/mysql-core";

import { bytes, id, lease, millis, orNull } from "./columns.ts";

/**
 * `wanted`: the bytes are to come to `store`. `held`: they are there. `leaving`: to be deleted there, not before
 * `leaseUntil`.
 */
export type CopyState = "wanted" | "held" | "leaving";

/**
 * Objects of stored blobs beside the one that the blob's own row names: second copies, and what a move is making or leaves
 * behind. A drive of one store has none.
 */
export const copies = mysqlTable(
  "copies",
  {
    id: id("id").primaryKey(),
    blobId: id("blob_id").notNull(),
    store: varchar("store", { length: 64 }).notNull(),
    /** The store, until the copy leaves: a blob has at most one copy in each. */
    liveStore: varchar("live_store", { length: 64 }).$default(orNull),
    /** Its own alone, never used again: whoever deletes it late deletes no other. */
    key: varchar("key", { length: 255 }).notNull(),
    /** The store whose copy leaves once this one is held: a move. */
    replaces: varchar("replaces", { length: 64 }).$default(orNull),
    /** Of the blob. */
    size: bytes("size").notNull(),
    state: varchar("state", { length: 16 }).$type<CopyState>().notNull(),
    createdAt: millis("created_at").notNull(),
    ...lease,
  },
  (t) => [uniqueIndex("copies_live_store").on(t.blobId, t.liveStore), index("copies_due").on(t.state, t.leaseUntil)],
);
