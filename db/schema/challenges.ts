import { index, mysqlTable, varchar } from "drizzle-orm/mysql-core";

import { id, sha1, sha256, millis, bytes } from "./columns.ts";

/** A proof of possession that was asked for: taken (deleted) by the first answer, right or wrong. */
export const challenges = mysqlTable(
  "challenges",
  {
    id: id("id").primaryKey(),
    userId: id("user_id").notNull(),
    sha1: sha1("sha1").notNull(),
    size: bytes("size").notNull(),
    /** 32 random bytes in hex: the key of the proof. */
    nonce: sha256("nonce").notNull(),
    /** `offset+length` of each range, comma-separated. */
    ranges: varchar("ranges", { length: 1024 }).notNull(),
    expiresAt: millis("expires_at").notNull(),
  },
  (t) => [index("challenges_expires").on(t.expiresAt), index("challenges_user").on(t.userId)],
);
