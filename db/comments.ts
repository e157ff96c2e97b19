import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { prepared } from "./prepared.ts";
import { comments } from "./schema.ts";

/** A comment's row. Times are epoch milliseconds. */
export type Comment = typeof comments.$inferSelect;

/** Adds a comment, by a transaction that holds its author and its video. */
export async function insertComment(tx: Queries, comment: Comment): Promise<void> {
  await tx.insert(comments).values(comment);
}

const byId = prepared((db) =>
  db
    .select()
    .from(comments)
    .where(and(eq(comments.id, sql.placeholder("id")), eq(comments.videoId, sql.placeholder("videoId"))))
    .prepare(),
);

/** A comment of that video. */
export async function commentById(db: Queries, videoId: string, id: string): Promise<Comment | undefined> {
  return (await byId(db).execute({ videoId, id }))[0];
}

/** A video's comments, newest first; `before` is the last id of the page before. */
export async function listComments(
  db: Queries,
  { videoId, before, limit }: { videoId: string; before?: string | undefined; limit: number },
): Promise<Comment[]> {
  return await db
    .select()
    .from(comments)
    .where(and(eq(comments.videoId, videoId), before === undefined ? undefined : lt(comments.id, before)))
    .orderBy(desc(comments.id))
    .limit(limit);
}

/** Removes a comment. @returns whether it still was there. */
export async function deleteComment(db: Queries, videoId: string, id: string): Promise<boolean> {
  return affectedRows(await db.delete(comments).where(and(eq(comments.id, id), eq(comments.videoId, videoId)))) === 1;
}

/** Removes comments of a video, `limit` at most. @returns how many. */
export async function purgeComments(catalog: Catalog, videoId: string, limit: number): Promise<number> {
  const rows = await catalog.db.select({ id: comments.id }).from(comments).where(eq(comments.videoId, videoId)).limit(limit);
  if (rows.length === 0) return 0;
  const ids = rows.map((row) => row.id);
  await catalog.db.delete(comments).where(inArray(comments.id, ids));
  return rows.length;
}
