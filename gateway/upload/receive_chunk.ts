import { renewUpload, type Upload } from "#db/uploads.ts";
import { type Checksum, crc32Hex } from "#lib/bytes/mod.ts";
import { AppError, isAppError } from "#lib/errors/mod.ts";
import { ChunkCheck, type ChunkRecord, freePiece, freePieces, untilAborted, type WrittenChunk } from "#lib/spool/mod.ts";

import type { Context } from "../context.ts";
import { mustBeHere } from "../peers/mod.ts";
import type { Principal } from "../router.ts";
import { chunkSpan } from "./chunking.ts";
import { ownUpload } from "./ownership.ts";
import { startOver } from "./start_over.ts";

/** A chunk that is sent, but for its bytes. */
export interface ChunkHead {
  uploadId: string;
  /** 1-based. */
  index: number;
  /** `Content-Length`, where the client told it. */
  announced: number | null;
  checksum: Checksum | undefined;
  signal: AbortSignal;
}

interface ChunkInput extends ChunkHead {
  body: AsyncIterable<Uint8Array>;
}

/**
 * Receives one chunk. When it resolves the chunk counts, whatever dies next.
 *
 * @throws {AppError} `no-such-upload`, `upload-closed`, `wrong-chunk-size`, `checksum-mismatch`, `chunk-conflict`,
 *   `chunk-preempted`, `no-space`.
 * @throws {ElsewhereError} before a byte of the body is read.
 */
export async function receiveChunk(ctx: Context, principal: Principal, input: ChunkInput): Promise<ChunkRecord> {
  return await receiveInTurn(ctx, await openUpload(ctx, principal, input), input);
}

/**
 * As {@link receiveChunk}, for a chunk whose bytes come in one piece. Once they are there nothing of it waits: it is checked,
 * written and logged in one turn of the event loop, which is a quarter less work.
 */
export async function receiveWhole(
  ctx: Context,
  principal: Principal,
  head: ChunkHead,
  read: () => Promise<Uint8Array>,
): Promise<ChunkRecord> {
  const upload = await openUpload(ctx, principal, head);
  const take = (bytes: Uint8Array) => writeAtOnce(ctx, upload, head, bytes) ?? bytes;
  const taken = await ctx.inflight.runAtOnce(upload.id, head.index, read, take);
  return taken instanceof Uint8Array ? await receiveInTurn(ctx, upload, { ...head, body: freePieces([taken]) }) : taken;
}

/** @throws what is wrong before the bytes are looked at. */
async function openUpload(ctx: Context, principal: Principal, head: ChunkHead): Promise<Upload> {
  const upload = await ownUpload(ctx, principal, head.uploadId, true);
  mustBeOpen(upload);
  mustFit(upload, head);
  mustBeHere(ctx, upload.node);
  await renew(ctx, upload);
  return upload;
}

/** @returns `null` where that is not to be had: the chunk may be there already, say. */
function writeAtOnce(ctx: Context, upload: Upload, { index, checksum }: ChunkHead, bytes: Uint8Array): ChunkRecord | null {
  const { id } = upload;
  const onto = ctx.progress.stampWithout(id, index);
  if (onto === null) return null;
  const write = { id, index, ...chunkSpan(upload, index), bytes, onto, ...(checksum && { checksum }) };
  const written = ctx.spool.writeAtOnce(write);
  if (written === null) return null;
  freePiece(bytes);
  return noted(ctx, upload, written);
}

async function receiveInTurn(ctx: Context, upload: Upload, input: ChunkInput): Promise<ChunkRecord> {
  try {
    return await ctx.inflight.run(upload.id, input.index, input.signal, (signal) => receive(ctx, upload, { ...input, signal }));
  } catch (error) {
    if (isAppError(error, "content-lost")) await startOver(ctx, upload);
    throw error;
  }
}

async function receive(ctx: Context, upload: Upload, input: ChunkInput): Promise<ChunkRecord> {
  const held = await ctx.progress.received(upload.id, upload.chunkCount);
  return held.has(input.index) ? await acknowledgeAgain(ctx, upload, input) : await writeChunk(ctx, upload, input);
}

async function writeChunk(ctx: Context, upload: Upload, { index, body, checksum, signal }: ChunkInput): Promise<ChunkRecord> {
  const write = { id: upload.id, index, ...chunkSpan(upload, index), body, signal, ...(checksum && { checksum }) };
  return noted(ctx, upload, await ctx.spool.writeChunk(write));
}

function noted(ctx: Context, { id }: Upload, { record, logged }: WrittenChunk): ChunkRecord {
  ctx.progress.add(id, record.index, logged);
  ctx.metrics.bytesIn(record.size);
  return record;
}

/**
 * A chunk that is there already: what comes again is checked against it and written nowhere. It gives way to a later
 * request, and reads no further than the chunk, just as a first one does.
 */
async function acknowledgeAgain(ctx: Context, upload: Upload, input: ChunkInput): Promise<ChunkRecord> {
  const { index, body, checksum, signal } = input;
  const { size } = chunkSpan(upload, index);
  const check = new ChunkCheck({ index, size, ...(checksum && { checksum }) });
  for await (const piece of untilAborted(body, signal)) check.add(piece);
  const crc32 = check.end();
  const { entries } = await ctx.spool.readLog(upload.id);
  const held = entries.findLast((entry) => entry.kind === "received" && entry.index === index);
  if (held?.kind !== "received" || held.crc32 === crc32) return { index, size, crc32 };
  throw new AppError(
    "chunk-conflict",
    `chunk ${index} is here already with CRC-32 ${crc32Hex(held.crc32)}, and was now sent with ${crc32Hex(crc32)}; to send another file, cancel the upload`,
  );
}

function mustBeOpen({ id, state }: Upload): void {
  if (state !== "open") throw new AppError("upload-closed", `upload ${id} is ${state}; it takes no more chunks`);
}

function mustFit(upload: Upload, { index, announced }: ChunkHead): void {
  if (index > upload.chunkCount) {
    throw new AppError("wrong-chunk-size", `chunk ${index} is past the end: upload ${upload.id} has ${upload.chunkCount} chunks`);
  }
  if (announced !== null && announced !== chunkSpan(upload, index).size) throw wrongSize(upload, index, announced);
}

function wrongSize(upload: Upload, index: number, size: number): AppError {
  return new AppError("wrong-chunk-size", `chunk ${index} must have ${chunkSpan(upload, index).size} bytes, and has ${size}`);
}

/** Slides the expiry, but writes it only once a tenth of it has passed: a chunk should not cost a row. */
async function renew(ctx: Context, { id, expiresAt }: Upload): Promise<void> {
  const now = ctx.now();
  const ttl = ctx.config.UPLOAD_TTL;
  if (expiresAt - now >= ttl * 0.9) return;
  ctx.justOpened.forget(id);
  await renewUpload(ctx.catalog, id, now + ttl);
}
