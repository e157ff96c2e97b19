import { bigint, index, int, mysqlTable, uniqueIndex, varchar } from "drizzle-orm/mysql-core";

import { id, millis, orNull, zero } from "./columns.ts";

/** A file of its owner, to be had by whoever knows the code; or by one user alone. */
export const shares = mysqlTable(
  "shares",
  {
    id: id("id").primaryKey(),
    /** What its URL holds. Whoever knows it may open the share, as far as the rest of the row lets them. */
    code: varchar("code", { length: 32 }).notNull(),
    userId: id("user_id").notNull(),
    fileId: id("file_id").notNull(),
    /** The one user that it is for; without, it is for everybody who has the code. */
    withId: id("with_id").$default(orNull),
    passwordHash: varchar("password_hash", { length: 255 }).$default(orNull),
    expiresAt: millis("expires_at").$default(orNull),
    maxDownloads: int("max_downloads").$default(orNull),
    downloads: bigint("downloads", { mode: "number" }).notNull().$default(zero),
    /** What has been written of them: those of the last second are still counted elsewhere (`lib/views`). */
    views: bigint("views", { mode: "number" }).notNull().$default(zero),
    /** 1 as long as it is shown to everybody. */
    listed: int("listed").notNull().$default(zero),
    createdAt: millis("created_at").notNull(),
    deletedAt: millis("deleted_at").$default(orNull),
    /** When the row goes, of one that is deleted or that expires. */
    purgeAt: millis("purge_at").$default(orNull),
  },
  (t) => [
    uniqueIndex("shares_code").on(t.code),
    index("shares_list").on(t.userId, t.id),
    index("shares_with").on(t.withId, t.id),
    index("shares_file").on(t.fileId),
    index("shares_top").on(t.listed, t.views, t.id),
    index("shares_purge").on(t.purgeAt),
  ],
);

/** That a download of a share with `maxDownloads` was counted, for whoever comes back for more of the same. */
export const shareGrants = mysqlTable(
  "share_grants",
  {
    /** `<share id> <address>`, or `<share id> #<request>`. */
    key: varchar("key", { length: 128 }).primaryKey(),
    expiresAt: millis("expires_at").notNull(),
  },
  (t) => [index("share_grants_expires").on(t.expiresAt)],
);

/** The batches of views that rows have taken in, so that none is taken in twice. */
export const viewBatches = mysqlTable("view_batches", { id: id("id").primaryKey(), at: millis("at").notNull() }, (t) => [
  index("view_batches_at").on(t.at),
]);
