import { index, int, mysqlTable, varchar } from "drizzle-orm/mysql-core";

import { id, millis, orNull, zero, lease } from "./columns.ts";

/**
 * `waiting` for its bytes; `unprobed`, to be watched already; `ready`, its bytes looked at; `deleted`. A row that is
 * `deleted` waits for the purge, and no read shows it.
 */
export type VideoState = "waiting" | "unprobed" | "ready" | "deleted";

/** A file of its owner, published under a title. */
export const videos = mysqlTable(
  "videos",
  {
    id: id("id").primaryKey(),
    userId: id("user_id").notNull(),
    title: varchar("title", { length: 200 }).notNull(),
    state: varchar("state", { length: 16 }).$type<VideoState>().notNull(),
    fileId: id("file_id").$default(orNull),
    /** 1 where the file was sent for this video, and goes with it. */
    ownsFile: int("owns_file").notNull().$default(zero),
    /** Media type, as its first bytes say. */
    mime: varchar("mime", { length: 127 }).$default(orNull),
    // What the probe found, if it could.
    durationMs: millis("duration_ms").$default(orNull),
    width: int("width").$default(orNull),
    height: int("height").$default(orNull),
    /** Key of the poster's object. */
    posterKey: varchar("poster_key", { length: 255 }).$default(orNull),
    createdAt: millis("created_at").notNull(),
    deletedAt: millis("deleted_at").$default(orNull),
    /** When a deleted video's comments, poster and row go. */
    purgeAt: millis("purge_at").$default(orNull),
    ...lease,
  },
  (t) => [
    index("videos_list").on(t.userId, t.id),
    index("videos_file").on(t.fileId),
    index("videos_due").on(t.state, t.leaseUntil),
    index("videos_purge").on(t.purgeAt),
  ],
);

export const comments = mysqlTable(
  "comments",
  {
    id: id("id").primaryKey(),
    videoId: id("video_id").notNull(),
    userId: id("user_id").notNull(),
    /** The user's name, which never changes. */
    author: varchar("author", { length: 64 }).notNull(),
    content: varchar("content", { length: 2000 }).notNull(),
    createdAt: millis("created_at").notNull(),
  },
  (t) => [index("comments_list").on(t.videoId, t.id), index("comments_user").on(t.userId)],
);
