import { sql } from "drizzle-orm";
import { bigint, index, int, mysqlTable, uniqueIndex, varchar } from "drizzle-orm/mysql-core";

/**
 * The rows, written once in the part of SQL that SQLite, MySQL, Vitess and TiDB share (see docs/architecture.md):
 * ids are made by the app, times are epoch milliseconds, states are words, and whatever must be unique only while
 * it lives (a file's name, a blob's content) has a nullable column that is set to NULL when it dies, since a
 * unique index takes any number of NULLs.
 */

const id = (name: string) => varchar(name, { length: 26 });
/** Lower-case hex. */
const sha1 = (name: string) => varchar(name, { length: 40 });
const sha256 = (name: string) => varchar(name, { length: 64 });
const millis = (name: string) => bigint(name, { mode: "number" });
const bytes = (name: string) => bigint(name, { mode: "number" });
// drizzle writes the keyword `default` for an absent column, which SQLite refuses; hence defaults of the app's own.
const orNull = () => sql`null`;
const zero = () => 0;

/**
 * A lease on a row. `leaseUntil` is both the end of a running lease and the time before which a released row is
 * not due again; `fence` grows with each claim and is checked by each write of the holder.
 */
const lease = {
  leaseOwner: varchar("lease_owner", { length: 64 }).$default(orNull),
  leaseUntil: millis("lease_until").notNull().$default(zero),
  fence: int("fence").notNull().$default(zero),
  /** Times it ended in "retry" since it last got on. */
  attempts: int("attempts").notNull().$default(zero),
};

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
    index("files_list").on(t.userId, t.id),
    index("files_sha1").on(t.userId, t.sha1),
    index("files_blob").on(t.blobId),
    index("files_changed").on(t.userId, t.updatedAt),
    index("files_purge").on(t.purgeAt),
  ],
);

/** `open` takes chunks, `verifying` waits for the merge worker, the rest is final. */
export type UploadState = "open" | "verifying" | "done" | "failed" | "cancelled";

export const uploads = mysqlTable(
  "uploads",
  {
    id: id("id").primaryKey(),
    userId: id("user_id").notNull(),
    name: varchar("name", { length: 255 }).notNull(),
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
    index("uploads_changed").on(t.userId, t.updatedAt),
    index("uploads_due").on(t.state, t.leaseUntil),
    index("uploads_expires").on(t.expiresAt),
    index("uploads_reserved").on(t.node, t.state, t.size),
  ],
);

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
  (t) => [index("challenges_expires").on(t.expiresAt)],
);

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

/** The gateways: where the others reach each. One that did not say so for a while is taken for dead. */
export const nodes = mysqlTable("nodes", {
  id: id("id").primaryKey(),
  /** Base URL that other gateways reach it by. */
  url: varchar("url", { length: 255 }).notNull(),
  seenAt: millis("seen_at").notNull(),
});

/**
 * Written to the primary by each process that reads from replicas, each its own row, and read back on the replica: what the
 * replica shows is as old as the time that stands there, told by the clock that wrote it.
 */
export const heartbeats = mysqlTable("heartbeats", {
  id: id("id").primaryKey(),
  at: millis("at").notNull(),
});
