import { index, int, mysqlTable, varchar } from "drizzle-orm/mysql-core";

import { id, sha1, millis, bytes, orNull, lease } from "./columns.ts";

/**
 * `open` takes chunks, `fetching` gets them from a URL (the row in `fetches` says which), `verifying` waits for the merge worker,
 * the rest is final.
 */
export type UploadState = "open" | "fetching" | "verifying" | "done" | "failed" | "cancelled";

export const uploads = mysqlTable(
  "uploads",
  {
    id: id("id").primaryKey(),
    userId: id("user_id").notNull(),
    name: varchar("name", { length: 255 }).notNull(),
    /** Of the file; while it is fetched, of the space that is reserved for it so far. */
    size: bytes("size").notNull(),
    /** As the client declared it, if it did. */
    sha1: sha1("sha1").$default(orNull),
    chunkSize: bytes("chunk_size").notNull(),
    chunkCount: int("chunk_count").notNull(),
    state: varchar("state", { length: 16 }).$type<UploadState>().notNull(),
    /** Why it failed: an error code. */
    error: varchar("error", { length: 64 }).$default(orNull),
    fileId: id("file_id").$default(orNull),
    /** Whose spool its chunks lie in. */
    node: id("node").notNull(),
    requestId: varchar("request_id", { length: 64 }).$default(orNull),
    createdAt: millis("created_at").notNull(),
    updatedAt: millis("updated_at").notNull(),
    expiresAt: millis("expires_at").notNull(),
    ...lease,
  },
  (t) => [
    index("uploads_resume").on(t.userId, t.state, t.sha1),
    index("uploads_changed").on(t.userId, t.updatedAt, t.id),
    index("uploads_due").on(t.state, t.node, t.leaseUntil),
    index("uploads_expires").on(t.state, t.expiresAt),
    index("uploads_reserved").on(t.node, t.state, t.size),
  ],
);
