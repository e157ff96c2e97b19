import { type Blob, type Content, holdOrMakeBlob } from "#db/blobs.ts";
import { insertFiles, type NewFile, retryDuplicates } from "#db/files.ts";
import type { Queries } from "#db/mod.ts";
import { mustKeepQuota, roomFor } from "#db/room.ts";
import type { StoredFile } from "#db/stored_file.ts";
import { createHasher } from "#lib/bytes/mod.ts";
import { AppError, isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";
import { announceFiles } from "./announce.ts";
import { type FormFile, readForm } from "./form.ts";
import { lostBlob } from "./lost_blob.ts";
import { checkName } from "./name.ts";

/** A form's file that lies whole and durable in the spool, but in no row yet. */
interface Received extends Content {
  spoolId: string;
  name: string;
}

/** What a form is sent for, where it is not for files alone. */
export interface FormOptions {
  /** Files in one form. */
  maxFiles?: number;
  /** Largest file, bytes. */
  maxBytes?: number;
  /** Sees the bytes of a file on their way, and may refuse them by throwing. */
  through?: (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** Sees the files in the transaction that makes them, and may refuse them by throwing an {@link AppError}. */
  claim?: (tx: Queries, files: StoredFile[]) => Promise<void>;
}

/**
 * Takes every file of a form: bytes stream to the spool and are hashed on the way; then one transaction makes all
 * the rows. Whatever fails before leaves nothing.
 */
export async function uploadForm(
  ctx: Context,
  principal: Principal,
  request: Request,
  requestId: string,
  options: FormOptions = {},
): Promise<StoredFile[]> {
  const { maxFiles = Number.POSITIVE_INFINITY, maxBytes = ctx.config.FILE_MAX_BYTES } = options;
  const room = await roomFor(ctx, principal.userId);
  // A form is a little longer than its files, hence no check to the byte before the files are there.
  const announced = Math.max(0, Number(request.headers.get("content-length") ?? 0) - 1e6);
  if (announced > maxBytes * maxFiles) throw tooLarge(announced, maxBytes);
  room.mustTake(announced);
  const spoolIds: string[] = [];
  const take = (file: FormFile) => {
    if (spoolIds.length >= maxFiles) throw new AppError("invalid-request", `the form has more than ${maxFiles} file; send one`);
    return receive(ctx, file, room, spoolIds, request.signal, { ...options, maxBytes });
  };
  const drop = () => Promise.all(spoolIds.map((id) => ctx.spool.remove(id)));
  const received = await ctx.receiveBuffers
    .during(() => readForm(request, async (file) => await take(file)))
    .catch(async (error) => {
      await drop();
      throw error;
    });
  ctx.fault("form.before-commit");
  const stored = await commit(ctx, principal, received, options).catch(async (error) => {
    // Any other failure may be of an answer that was lost on the way back: what has no row then, the sweep removes.
    if (isAppError(error)) await drop();
    throw error;
  });
  await announce(ctx, principal.userId, stored, received, requestId);
  return stored;
}

async function receive(
  ctx: Context,
  file: FormFile,
  room: { take: (bytes: number) => void },
  spoolIds: string[],
  signal: AbortSignal,
  { maxBytes, through = (body) => body }: FormOptions & { maxBytes: number },
) {
  const name = checkName(file.name);
  const spoolId = newId(ctx.now());
  spoolIds.push(spoolId);
  const [sha1, sha256] = [createHasher("sha1"), createHasher("sha256")];
  let seen = 0;
  async function* hashed() {
    for await (const piece of through(file.body)) {
      seen += piece.byteLength;
      if (seen > maxBytes) throw tooLarge(seen, maxBytes);
      room.take(piece.byteLength);
      ctx.metrics.bytesIn(piece.byteLength);
      sha1.update(piece);
      sha256.update(piece);
      yield piece;
    }
  }
  const size = await ctx.spool.writeAll(spoolId, hashed(), signal);
  return { spoolId, name, size, sha1: hex(sha1.digest()), sha256: hex(sha256.digest()) } satisfies Received;
}

async function commit(ctx: Context, { userId }: Principal, received: Received[], { claim }: FormOptions): Promise<StoredFile[]> {
  const now = ctx.now();
  const contents = new Set(received.map(({ sha1 }) => sha1));
  const lost = new Map(await Promise.all(Array.from(contents, async (sha1) => [sha1, await lostBlob(ctx, sha1)] as const)));
  return await retryDuplicates(() =>
    ctx.catalog.transaction(async (tx) => {
      const held = new Map<string, Blob>();
      const given: NewFile[] = [];
      for (const { spoolId, name, ...content } of received) {
        // By both: a collision of SHA-1 within one form is told, too.
        const key = content.sha1 + content.sha256;
        const place = { spoolId, node: ctx.node };
        const hold = () => holdOrMakeBlob(tx, newId(now), content, place, now, ctx.spool, lost.get(content.sha1));
        const blob = held.get(key) ?? (await hold());
        held.set(key, blob);
        given.push({ id: newId(now), name, blob });
      }
      const files = await insertFiles(tx, userId, given, now);
      await mustKeepQuota(ctx, tx, userId);
      await claim?.(tx, files);
      return files;
    }),
  );
}

async function announce(
  ctx: Context,
  userId: string,
  stored: StoredFile[],
  received: Received[],
  requestId: string,
): Promise<void> {
  // What the drive held already is held once: these bytes have no row.
  const needed = new Set(stored.map(({ blob }) => blob.spoolId));
  await Promise.all(received.filter(({ spoolId }) => !needed.has(spoolId)).map(({ spoolId }) => ctx.spool.remove(spoolId)));
  await announceFiles(ctx, userId, stored, requestId);
}

function tooLarge(bytes: number, max: number): AppError {
  return new AppError("too-large", `the file has ${bytes} bytes or more; the drive takes at most ${max}`);
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}
