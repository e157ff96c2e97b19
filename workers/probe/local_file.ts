import { open } from "node:fs/promises";

import type { BlobPlace } from "#db/stored_file.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import type { ByteRange } from "#lib/store/mod.ts";

import type { WorkerContext } from "../context.ts";
import { readBlob } from "../read_blob.ts";

/** Of what lies far away, this much of its beginning and of its end is fetched: indexes stand at the one or the other. */
const fetchedBytes = 32 * 1024 * 1024;

/** A file that a program can open. Disposing removes it, if it was made for that. */
export interface LocalFile extends AsyncDisposable {
  path: string;
}

/**
 * The bytes of a blob as a local file: where they lie, or in the spool, as a sparse file of the same size that has the
 * beginning and the end.
 *
 * @throws {AppError} `unavailable` while they lie in another node's spool.
 */
export async function localFile(ctx: WorkerContext, blob: BlobPlace, signal: AbortSignal): Promise<LocalFile> {
  if (blob.state !== "stored" || blob.key === null) {
    if (blob.node === ctx.node && blob.spoolId !== null && (await ctx.spool.has(blob.spoolId, blob.size)))
      return kept(ctx.spool.path(blob.spoolId));
    throw new AppError("unavailable", `the bytes of blob ${blob.id} do not lie here, or not any more`);
  }
  const { key } = blob;
  const path = ctx.stores.named(blob.store).path(key);
  // A file that is gone may be in another store still.
  const isHere = path !== null && (await Bun.file(path).exists());
  return isHere ? kept(path) : await fetched(ctx, { ...blob, key }, signal);
}

type Stored = BlobPlace & { key: string };

/** What lies there for others stays. */
function kept(path: string): LocalFile {
  return { path, [Symbol.asyncDispose]: async () => {} };
}

async function fetched(ctx: WorkerContext, blob: Stored, signal: AbortSignal): Promise<LocalFile> {
  const id = newId(ctx.now());
  const { size } = blob;
  const drop = () => ctx.spool.remove(id);
  try {
    await ctx.spool.create(id, size);
    for (const range of endsOf(size)) await copy(ctx, blob, range, ctx.spool.path(id), signal);
  } catch (error) {
    await drop();
    throw error;
  }
  return { path: ctx.spool.path(id), [Symbol.asyncDispose]: drop };
}

/** All of a small file; of a big one both ends. */
export function endsOf(size: number, each: number = fetchedBytes): ByteRange[] {
  if (size <= 2 * each) return size > 0 ? [{ offset: 0, length: size }] : [];
  return [
    { offset: 0, length: each },
    { offset: size - each, length: each },
  ];
}

async function copy(ctx: WorkerContext, blob: Stored, range: ByteRange, path: string, signal: AbortSignal): Promise<void> {
  const body = await readBlob(ctx, blob, range, signal);
  await using file = await open(path, "r+");
  let at = range.offset;
  for await (const piece of body instanceof Blob ? body.stream() : body) {
    for (let done = 0; done < piece.byteLength;) {
      const { bytesWritten } = await file.write(piece, done, piece.byteLength - done, at);
      done += bytesWritten;
      at += bytesWritten;
    }
  }
}
