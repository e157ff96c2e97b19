import { and, asc, desc, eq, isNull, lt, lte, ne, notExists, sql } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { free, holds, type Lease } from "./leases.ts";
import { prepared } from "./prepared.ts";
import { blobs, files, videos } from "./schema.ts";
import { endSharesOfFile } from "./shares.ts";

export type Video = typeof videos.$inferSelect;

const videoColumns = {
  id: videos.id,
  userId: videos.userId,
  title: videos.title,
  state: videos.state,
  fileId: videos.fileId,
  mime: videos.mime,
  durationMs: videos.durationMs,
  width: videos.width,
  height: videos.height,
  posterKey: videos.posterKey,
  createdAt: videos.createdAt,
};

/** A video as reads show it. Times are epoch milliseconds. */
export type LiveVideo = Pick<Video, keyof typeof videoColumns>;

/** What the probe found out about a video; `null` where it could not. */
export interface Probed {
  durationMs: number | null;
  width: number | null;
  height: number | null;
  posterKey: string | null;
}

const isLive = ne(videos.state, "deleted");

const byId = prepared((db) =>
  db
    .select(videoColumns)
    .from(videos)
    .where(and(eq(videos.id, sql.placeholder("id")), isLive))
    .prepare(),
);

/** A video that is not deleted, whoever owns it. */
export async function videoById(db: Queries, id: string): Promise<LiveVideo | undefined> {
  return (await byId(db).execute({ id }))[0];
}

/** A user's videos that are not deleted, newest first; `before` is the last id of the page before. */
export async function listVideos(
  db: Queries,
  { userId, before, limit }: { userId: string; before?: string | undefined; limit: number },
): Promise<LiveVideo[]> {
  return await db
    .select(videoColumns)
    // Else MySQL reads the newest rows of all for a user who owns a tenth of them, until it has enough of theirs.
    .from(videos, { forceIndex: "videos_list" })
    .where(and(eq(videos.userId, userId), isLive, before === undefined ? undefined : lt(videos.id, before)))
    .orderBy(desc(videos.id))
    .limit(limit);
}

/** Adds a video: with a file that the transaction holds, or one that waits for its bytes. */
export async function insertVideo(
  tx: Queries,
  video: Pick<Video, "id" | "userId" | "title" | "fileId" | "mime" | "createdAt">,
): Promise<LiveVideo> {
  const state = video.fileId === null ? "waiting" : "unprobed";
  await tx.insert(videos).values({ ...video, state });
  return { ...video, state, durationMs: null, width: null, height: null, posterKey: null };
}

/** `waiting` → `unprobed`, with the file that was sent for it. @returns whether it still waited. */
export async function fillVideo(
  tx: Queries,
  { id, userId, fileId, mime }: Pick<Video, "id" | "userId" | "fileId" | "mime">,
): Promise<boolean> {
  const result = await tx
    .update(videos)
    .set({ state: "unprobed", fileId, ownsFile: 1, mime })
    .where(and(eq(videos.id, id), eq(videos.userId, userId), eq(videos.state, "waiting")));
  return affectedRows(result) === 1;
}

/** Whether the video still lives; until the transaction ends, nobody else can delete it. */
export async function holdVideo(tx: Queries, id: string): Promise<boolean> {
  const held = await tx
    .select({ id: videos.id })
    .from(videos)
    .where(and(eq(videos.id, id), isLive))
    .for("update");
  return held.length === 1;
}

/**
 * → `deleted`, and with it the file that was sent for it, unless another video shows that too.
 *
 * @returns whether there was such a video of that user.
 */
export async function deleteVideo(
  catalog: Catalog,
  { id, userId, now, purgeAt }: { id: string; userId: string; now: number; purgeAt: number },
): Promise<boolean> {
  const own = and(eq(videos.id, id), eq(videos.userId, userId), isLive);
  const attempt = async (tx: Queries) => {
    const [video] = await tx.select({ fileId: videos.fileId, ownsFile: videos.ownsFile }).from(videos).where(own);
    if (video === undefined) return false;
    const { fileId, ownsFile } = video;
    // Files before videos, as whoever deletes a file locks them. Two videos of one file would else both see the other.
    const ownFile = ownsFile === 1 ? fileId : null;
    if (ownFile !== null) await tx.select({ id: files.id }).from(files).where(eq(files.id, ownFile)).for("update");
    const asRead = fileId === null ? isNull(videos.fileId) : eq(videos.fileId, fileId);
    const result = await tx.update(videos).set({ state: "deleted", deletedAt: now, purgeAt }).where(and(own, asRead));
    if (affectedRows(result) === 0) return undefined;
    if (ownFile !== null) await deleteUnlessShown(tx, ownFile, now, purgeAt);
    return true;
  };
  // Where it was deleted since it was read, it is not found the second time; where its file came in, that goes, too.
  return (await catalog.transaction(attempt)) ?? (await catalog.transaction(attempt)) ?? false;
}

async function deleteUnlessShown(tx: Queries, fileId: string, now: number, purgeAt: number): Promise<void> {
  const others = tx
    .select({ one: sql`1` })
    .from(videos)
    .where(and(eq(videos.fileId, files.id), isLive));
  const result = await tx
    .update(files)
    .set({ liveName: null, deletedAt: now, updatedAt: now, purgeAt })
    .where(and(eq(files.id, fileId), sql`${files.deletedAt} is null`, notExists(others)));
  if (affectedRows(result) === 1) await endSharesOfFile(tx, fileId, now, purgeAt);
}

/** Marks the videos of a file deleted that is deleted itself, by a transaction that holds it. */
export async function endVideosOf(tx: Queries, fileId: string, now: number, purgeAt: number): Promise<void> {
  await tx
    .update(videos)
    .set({ state: "deleted", deletedAt: now, purgeAt })
    .where(and(eq(videos.fileId, fileId), isLive));
}

/** Videos that wait for a probe and whose bytes can be read on `node`. */
export async function videosToProbe(catalog: Catalog, node: string, now: number, limit: number): Promise<string[]> {
  const elsewhere = catalog.db
    .select({ one: sql`1` })
    .from(files)
    .innerJoin(blobs, eq(blobs.id, files.blobId))
    .where(and(eq(files.id, videos.fileId), eq(blobs.state, "spooled"), ne(blobs.node, node)));
  const rows = await catalog.db
    .select({ id: videos.id })
    .from(videos)
    .where(and(eq(videos.state, "unprobed"), lte(videos.leaseUntil, now), notExists(elsewhere)))
    .orderBy(asc(videos.leaseUntil))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** `unprobed` → `ready`, by the worker that probed it. @returns whether it still was that worker's. */
export async function finishProbe(catalog: Catalog, lease: Lease, found: Probed): Promise<boolean> {
  const result = await catalog.db
    .update(videos)
    .set({ state: "ready", ...found, ...free })
    .where(and(holds(lease), eq(videos.state, "unprobed")));
  return affectedRows(result) === 1;
}

/** Deleted videos whose grace period is over, the longest first. */
export async function videosToPurge(catalog: Catalog, now: number, limit: number): Promise<Pick<Video, "id">[]> {
  return await catalog.db
    .select({ id: videos.id })
    .from(videos)
    .where(lte(videos.purgeAt, now))
    .orderBy(asc(videos.purgeAt))
    .limit(limit);
}

/** Puts off the removal of a deleted video. */
export async function postponePurge(catalog: Catalog, id: string, until: number): Promise<void> {
  await catalog.db
    .update(videos)
    .set({ purgeAt: until })
    .where(and(eq(videos.id, id), eq(videos.state, "deleted")));
}

/** Removes the row of a deleted video that nothing else is left of. */
export async function forgetVideo(catalog: Catalog, id: string, now: number): Promise<void> {
  await catalog.db.delete(videos).where(and(eq(videos.id, id), eq(videos.state, "deleted"), lte(videos.purgeAt, now)));
}
