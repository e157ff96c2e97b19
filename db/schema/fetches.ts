import { int, mysqlTable, varchar } from "drizzle-orm/mysql-core";

import { id, bytes, orNull, zero } from "./columns.ts";

/** Where the bytes of an upload come from that the drive fetches by itself: one row beside each such upload. */
export const fetches = mysqlTable("fetches", {
  /** The upload's. */
  id: id("id").primaryKey(),
  url: varchar("url", { length: 2048 }).notNull(),
  /** 1 where the name is the client's, and not the server's to say. */
  isNamed: int("is_named").notNull(),
  /** Of the whole, once the server has told it, or its answer has ended. */
  length: bytes("length").$default(orNull),
  /** How many bytes have come, as far as it was noted: for people. What the spool holds its log says. */
  received: bytes("received").notNull().$default(zero),
  /** What an `If-Range` may say (RFC 9110, 13.1.5): without it a broken transfer begins anew. */
  validator: varchar("validator", { length: 255 }).$default(orNull),
});
