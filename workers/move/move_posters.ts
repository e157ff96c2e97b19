import { open, rm } from "node:fs/promises";

import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import type { ListedObject, Store } from "#lib/store/mod.ts";

import type { WorkerContext } from "../context.ts";
import { tempFile } from "../copy/temp_files.ts";
import { digestOf } from "../digest_of.ts";
import { videoOfPoster } from "../poster_key.ts";

const page = 200;

/**
 * Moves the posters of videos: they have no row that says where they are, and are looked for in every store. Each is put before
 * it is deleted, so that this may end anywhere and begin again. @returns how many.
 */
export async function movePosters(ctx: WorkerContext, from: Store, to: Store, signal: AbortSignal): Promise<number> {
  let moved = 0;
  for (let after = ""; ;) {
    const posters = await from.list({ prefix: "posters/", after, limit: page }, signal);
    if (posters.length === 0) return moved;
    for (const poster of posters)
      if (videoOfPoster(poster.key) !== null) moved += await movePoster(ctx, { from, to, poster }, signal);
    after = posters.at(-1)?.key ?? after;
  }
}

async function movePoster(
  ctx: WorkerContext,
  { from, to, poster: { key } }: { from: Store; to: Store; poster: ListedObject },
  signal: AbortSignal,
): Promise<0 | 1> {
  const path = await tempFile(ctx.config.DATA_DIR, newId(ctx.now()), 0);
  try {
    const digest = await fetchTo(path, await from.get(key, undefined, signal), signal);
    await to.put(key, { path, ...digest }, signal);
    await from.delete(key, signal);
    return 1;
  } catch (error) {
    // Its video was purged since it was listed.
    if (isAppError(error, "content-lost")) return 0;
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}

async function fetchTo(path: string, body: Blob | ReadableStream<Uint8Array>, signal: AbortSignal) {
  await using file = await open(path, "wx", 0o600);
  return await digestOf(body, signal, async (piece) => {
    for (let done = 0; done < piece.byteLength;)
      done += (await file.write(piece, done, piece.byteLength - done, null)).bytesWritten;
  });
}
