import { index, int, mysqlTable, uniqueIndex, varchar } from "drizzle-orm/mysql-core";

import { id, sha256, millis, orNull } from "./columns.ts";

export const users = mysqlTable(
  "users",
  {
    id: id("id").primaryKey(),
    /** NFKC, case-folded. */
    username: varchar("username", { length: 64 }).notNull(),
    passwordHash: varchar("password_hash", { length: 255 }).notNull(),
    email: varchar("email", { length: 254 }).$default(orNull),
    createdAt: millis("created_at").notNull(),
    lastActiveAt: millis("last_active_at").notNull(),
  },
  (t) => [uniqueIndex("users_username").on(t.username)],
);

/** One sign-in: a chain of refresh tokens, of which only the newest is good. */
export const sessions = mysqlTable(
  "sessions",
  {
    id: id("id").primaryKey(),
    userId: id("user_id").notNull(),
    /** SHA-256 of the newest refresh token. */
    refreshHash: sha256("refresh_hash").notNull(),
    createdAt: millis("created_at").notNull(),
    expiresAt: millis("expires_at").notNull(),
    revokedAt: millis("revoked_at").$default(orNull),
  },
  (t) => [
    index("sessions_user").on(t.userId),
    index("sessions_revoked").on(t.revokedAt),
    index("sessions_expires").on(t.expiresAt),
  ],
);

/** Failed sign-ins, by whoever failed (`user:…`, `address:…`, `pair:…`). */
export const attempts = mysqlTable(
  "attempts",
  {
    key: varchar("key", { length: 160 }).primaryKey(),
    failures: int("failures").notNull(),
    /** The next try is refused until then. */
    blockedUntil: millis("blocked_until").notNull(),
    /** Forgotten after that. */
    expiresAt: millis("expires_at").notNull(),
  },
  (t) => [index("attempts_expires").on(t.expiresAt)],
);
