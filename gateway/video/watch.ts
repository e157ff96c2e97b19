import { fileById } from "#db/files.ts";
import type { StoredFile } from "#db/stored_file.ts";
import type { LiveVideo } from "#db/videos.ts";
import { AppError } from "#lib/errors/mod.ts";
import { readCopies } from "#lib/store/mod.ts";

import type { Context } from "../context.ts";
import type { Body } from "../file/content.ts";
import { download } from "../file/download.ts";
import { createPacer } from "./pacer.ts";
import { anyVideo } from "./service.ts";
import type { StreamLimiter } from "./stream_limiter.ts";
import { watchedStream } from "./watched_stream.ts";

/**
 * What is no longer than this goes out in one piece, with its `Content-Length`, and gives its slot back at once: of a stream
 * Bun does not tell the length (1.4.5 sends it chunked, whatever the header says), and holds as much of it in hand.
 */
const wholeBytes = 256 * 1024;

/**
 * Answers a GET or HEAD for a video's bytes, as a download of its file is answered, but to be shown in place and under
 * the type that its first bytes say. Only an answer with a body takes a slot, for as long as it is sent; where the front
 * carries the bytes, the slots are the front's.
 *
 * @throws {AppError} `not-found`, `too-many-streams`, and what a download throws.
 */
export async function watch(
  ctx: Context,
  streams: StreamLimiter,
  { id, address, request, isProxied }: { id: string; address: string; request: Request; isProxied: boolean },
): Promise<Response> {
  const video = await anyVideo(ctx, id);
  const stored = await fileOf(ctx, video);
  return await download(ctx, stored, request, isProxied, {
    type: video.mime ?? "application/octet-stream",
    disposition: "inline",
    bytesPerSecond: ctx.config.STREAM_BYTES_PER_SECOND,
    // A browser that opens it by itself makes a page of it, with a player that asks for it again: from the same origin, or
    // it is refused. No script runs there.
    policy: "sandbox allow-same-origin; default-src 'none'; media-src 'self'",
    admit: async () => {},
    carry: async (open, length) => {
      const onEnd = enter(ctx, streams, address);
      try {
        const body = await open();
        if (length <= wholeBytes) return await inOnePiece(body, onEnd);
        const pacer = createPacer(ctx.config.STREAM_BYTES_PER_SECOND);
        return watchedStream(body, { onEnd, signal: request.signal, pacer });
      } catch (error) {
        onEnd();
        throw error;
      }
    },
  });
}

async function inOnePiece(body: Body, onEnd: () => void): Promise<Blob> {
  const blob = await new Response(body).blob();
  onEnd();
  return blob;
}

/** A video's poster. @throws {AppError} `not-found`. */
export async function poster(ctx: Context, id: string, signal: AbortSignal): Promise<Response> {
  const { posterKey } = await anyVideo(ctx, id);
  if (posterKey === null) throw new AppError("not-found", `the video ${JSON.stringify(id)} has no poster`);
  return new Response(await readPoster(ctx, posterKey, signal), {
    headers: { "content-type": "image/jpeg", "cache-control": "no-cache", "content-security-policy": "default-src 'none'" },
  });
}

/** It was put into the store that was the first one then; which that was, no row says. */
async function readPoster({ stores }: Context, key: string, signal: AbortSignal): Promise<Body> {
  const home = { store: stores.first.name, key };
  const others = async () => stores.all.map(({ name }) => ({ store: name, key }));
  return await readCopies(stores, { home, others }, undefined, signal);
}

function enter(ctx: Context, streams: StreamLimiter, address: string): () => void {
  try {
    return streams.enter(address);
  } catch (error) {
    ctx.metrics.streamRefused();
    throw error;
  }
}

async function fileOf(ctx: Context, { id, userId, fileId }: LiveVideo): Promise<StoredFile> {
  if (fileId === null) throw new AppError("not-found", `the video ${id} waits for its file`);
  const stored = await fileById(ctx.catalog, fileId, userId);
  if (stored) return stored;
  throw new AppError("not-found", `the file of the video ${id} is deleted`);
}
