import { open, rm } from "node:fs/promises";

import type { Blob as BlobRow } from "#db/blobs.ts";
import { type Copy, type ObjectPlace, placesOf } from "#db/copies.ts";
import { AppError, diskFullAsNoSpace, isAppError } from "#lib/errors/mod.ts";
import type { Store } from "#lib/store/mod.ts";

import type { WorkerContext } from "../context.ts";
import { digestOf } from "../digest_of.ts";
import type { Job } from "../worker.ts";
import { tempFile } from "./temp_files.ts";

/** The bytes of a blob as a file that was read to its end and is what its row says. Disposing removes it, if it was made for that. */
export interface Staged extends AsyncDisposable {
  path: string;
}

/**
 * Brings the bytes of a copy to this machine, from the first of the blob's stores that has them whole.
 *
 * @returns the reason where none of them is what the row says.
 * @throws {AppError} `unavailable` while one that may have them is away, `no-space`.
 */
export async function stage(ctx: WorkerContext, job: Job, copy: Copy, blob: BlobRow): Promise<Staged | string> {
  const places = (await placesOf(ctx.catalog.db, blob.id)).filter(({ key }) => key !== copy.key);
  const problems: string[] = [];
  let away: AppError | undefined;
  for (const place of places) {
    try {
      return await stageFrom(ctx, job, copy, blob, place);
    } catch (error) {
      job.signal.throwIfAborted();
      if (isAppError(error, "unavailable")) away ??= error;
      else if (isAppError(error, "content-lost", "checksum-mismatch")) problems.push(error.message);
      else throw error;
    }
  }
  if (away !== undefined) throw away;
  return `no store has it whole: ${problems.join("; ")}`;
}

async function stageFrom(ctx: WorkerContext, job: Job, copy: Copy, blob: BlobRow, place: ObjectPlace): Promise<Staged> {
  const source = ctx.stores.named(place.store);
  const path = source.path(place.key);
  const body = await source.get(place.key, undefined, job.signal);
  if (path !== null && mayLink(ctx.stores.named(copy.store), copy)) {
    mustBe(blob, place, await digestOf(body, job.signal));
    return { path, [Symbol.asyncDispose]: async () => {} };
  }
  return await download(ctx, job, blob, place, body);
}

/**
 * Whether a file may be put where it lies: a put into a folder may make a hard link of it. That is all that a move needs, but a
 * second copy that shares its bytes with the first would be none.
 */
function mayLink(target: Store, { key, replaces }: Copy): boolean {
  return replaces !== null || target.path(key) === null;
}

async function download(
  ctx: WorkerContext,
  { lease, signal }: Job,
  blob: BlobRow,
  place: ObjectPlace,
  body: Blob | ReadableStream<Uint8Array>,
): Promise<Staged> {
  await mustFit(ctx, blob.size);
  const path = await tempFile(ctx.config.DATA_DIR, lease.id, lease.fence);
  const drop = () => rm(path, { force: true });
  try {
    await using file = await open(path, "wx", 0o600);
    const digest = await digestOf(body, signal, async (piece) => {
      for (let done = 0; done < piece.byteLength;)
        done += (await file.write(piece, done, piece.byteLength - done, null)).bytesWritten;
    });
    mustBe(blob, place, digest);
  } catch (error) {
    await drop();
    throw reasonOf(error, place);
  }
  return { path, [Symbol.asyncDispose]: drop };
}

/** Bytes that break off fail with whatever error the engine has: a store that is away, as far as anybody can tell. */
function reasonOf(error: unknown, { store, key }: ObjectPlace): unknown {
  const known = diskFullAsNoSpace(error, `copying ${key}`);
  if (known instanceof AppError) return known;
  return new AppError("unavailable", `reading ${key} from ${store} broke off`, { cause: error });
}

/** @throws {AppError} `no-space`: uploads keep their reserve. */
async function mustFit({ spool, config }: WorkerContext, bytes: number): Promise<void> {
  const left = (await spool.freeBytes()) - config.DISK_RESERVE_BYTES;
  if (bytes <= left) return;
  throw new AppError(
    "no-space",
    `a copy of ${bytes} bytes passes through the data folder, which has room for ${Math.max(0, left)}`,
  );
}

function mustBe(blob: BlobRow, { store, key }: ObjectPlace, { size, sha256 }: { size: number; sha256: string }): void {
  if (size === blob.size && sha256 === blob.sha256) return;
  throw new AppError(
    "checksum-mismatch",
    `${store} holds ${size} bytes with SHA-256 ${sha256} under ${key}, must be ${blob.size} bytes with ${blob.sha256}`,
  );
}
