/**
 * The rows, written once in the part of SQL that SQLite, MySQL, Vitess and TiDB share (see docs/architecture.md):
 * ids are made by the app, times are epoch milliseconds, states are words, and whatever must be unique only while
 * it lives (a file's name, a blob's content) has a nullable column that is set to NULL when it dies, since a
 * unique index takes any number of NULLs.
 */
export * from "./schema/blobs.ts";
export * from "./schema/challenges.ts";
export * from "./schema/files.ts";
export * from "./schema/nodes.ts";
export * from "./schema/shares.ts";
export * from "./schema/uploads.ts";
export * from "./schema/users.ts";
export * from "./schema/videos.ts";
