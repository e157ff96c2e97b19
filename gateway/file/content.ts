import { blobById } from "#db/blobs.ts";
import { placesOf } from "#db/copies.ts";
import type { BlobPlace } from "#db/stored_file.ts";
import { AppError } from "#lib/errors/mod.ts";
import { type ByteRange, type Place, readCopies } from "#lib/store/mod.ts";

import type { Context } from "../context.ts";
import { type ElsewhereOptions, mustBeHere } from "../peers/elsewhere.ts";

/** Bytes as a `Response` takes them; a local file goes out by sendfile. */
export type Body = Blob | ReadableStream<Uint8Array>;

/**
 * Opens the bytes of a blob, or a range of them, wherever they lie: in the spool until the store has them.
 *
 * @throws {AppError} `content-lost` when they lie nowhere.
 * @throws {ElsewhereError} when they lie where this node cannot read.
 */
export async function openContent(
  ctx: Context,
  blob: BlobPlace,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Body> {
  if (blob.state === "stored" && blob.key !== null)
    return await readStored(ctx, blob.id, { ...blob, key: blob.key }, range, signal);
  mustReach(ctx, blob);
  if (blob.spoolId !== null && (await ctx.spool.has(blob.spoolId, blob.size))) {
    const file = Bun.file(ctx.spool.path(blob.spoolId));
    return range ? file.slice(range.offset, range.offset + range.length) : file;
  }
  return await openMoved(ctx, blob, range, signal);
}

/** From the store that the row named, or where that is away, lost the object, or gave it to another, from whichever has it. */
async function readStored(
  { catalog, stores }: Context,
  blobId: string,
  { store, key }: Place,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Body> {
  return await readCopies(stores, { home: { store, key }, others: () => placesOf(catalog.db, blobId) }, range, signal);
}

/** @throws {ElsewhereError} for bytes that lie in another node's spool still. */
export function mustReach(ctx: Pick<Context, "node">, { state, node }: BlobPlace, options?: ElsewhereOptions): void {
  if (state !== "stored" && node !== null) mustBeHere(ctx, node, options);
}

/** The row was read just before a push moved the bytes: the row of now says where they went. */
async function openMoved(ctx: Context, { id }: BlobPlace, range: ByteRange | undefined, signal: AbortSignal): Promise<Body> {
  const now = await blobById(ctx.catalog.db, id);
  if (now?.state === "stored" && now.key !== null)
    return await readStored(ctx, id, { store: now.store, key: now.key }, range, signal);
  throw new AppError("content-lost", "the bytes of this file are no longer in the drive");
}
