import { holdOrMakeBlob } from "#db/blobs.ts";
import { fetchById } from "#db/fetches.ts";
import { insertFile, retryDuplicates } from "#db/files.ts";
import { findLostBlob } from "#db/lost_blob.ts";
import type { StoredFile } from "#db/stored_file.ts";
import { failUpload, finishUpload, reopenUpload, type Upload, uploadById, dueUploads } from "#db/uploads.ts";
import type { SpanDigest } from "#lib/bytes/mod.ts";
import { AppError, isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { mayHold } from "#lib/store/mod.ts";

import type { WorkerContext } from "../context.ts";
import { wake } from "../wake.ts";
import type { Job, RowWorker, Verdict } from "../worker.ts";
import type { Digest } from "./digest_file.ts";
import { digestUpload } from "./digest_upload.ts";
import { tornChunks } from "./torn_chunks.ts";

/**
 * Verifies a complete upload and makes its file. The chunks already lie merged, so this is one sequential read; then
 * one transaction: the blob (or the one that is there), the file, the upload `done`.
 */
export const merge: RowWorker = {
  name: "merge",
  table: "uploads",
  state: "verifying",
  due: (ctx, limit) => dueUploads(ctx.catalog, ctx.node, ctx.now(), limit),
  run: async (ctx, job) => {
    const upload = await uploadById(ctx.catalog.db, job.lease.id);
    if (!upload) return { kind: "done", note: "the upload is gone" };
    if (upload.node !== ctx.node) return { kind: "done", note: `its chunks lie on node ${upload.node}` };
    if (!(await ctx.spool.has(upload.id, upload.size))) return await startOver(ctx, job, upload);
    const found = await digestUpload(ctx, upload, job.signal);
    const torn = tornChunks((await ctx.spool.readLog(upload.id)).entries, found.crcs);
    if (torn.length > 0) return await reopen(ctx, job, upload, torn);
    if (upload.sha1 !== null && upload.sha1 !== found.sha1) return await fail(ctx, job, upload, "sha1-mismatch");
    await keepDigests(ctx, upload, found.spans);
    ctx.fault("merge.before-commit");
    return await finish(ctx, job, upload, found);
  },
};

/** Somebody removed the spool file: an empty one, and the client is asked for every chunk. */
async function startOver(ctx: WorkerContext, job: Job, upload: Upload): Promise<Verdict> {
  await ctx.spool.create(upload.id, (await isFetched(ctx, upload)) ? 0 : upload.size);
  return await backToOpen(ctx, job, upload, "the spool file was gone; every chunk is awaited again");
}

/** The log forgets the torn chunks first: should this die before the row says so, the next run finds them missing. */
async function reopen(ctx: WorkerContext, job: Job, upload: Upload, torn: number[]): Promise<Verdict> {
  for (const index of torn) await ctx.spool.reopen(upload.id, index);
  return await backToOpen(ctx, job, upload, `torn chunks are awaited again: ${torn.join(", ")}`);
}

async function backToOpen(ctx: WorkerContext, job: Job, upload: Upload, note: string): Promise<Verdict> {
  await ctx.progress.drop(upload.id);
  const now = ctx.now();
  const isAsked = await isFetched(ctx, upload);
  const state = isAsked ? "fetching" : "open";
  await reopenUpload(ctx.catalog, job.lease, state, { now, expiresAt: now + ctx.config.UPLOAD_TTL });
  await ctx.changed(upload.userId);
  if (isAsked) await wake(ctx, { worker: "fetch", id: upload.id, node: upload.node, requestId: job.requestId });
  return { kind: "done", note };
}

/** Whether its chunks come from a URL, and not from a client. */
async function isFetched({ catalog }: WorkerContext, { id }: Upload): Promise<boolean> {
  return (await fetchById(catalog.db, id)) !== undefined;
}

async function fail(ctx: WorkerContext, job: Job, upload: Upload, code: "sha1-mismatch" | "sha1-collision"): Promise<Verdict> {
  const isFailed = await failUpload(ctx.catalog, job.lease, code, ctx.now(), ctx.now() + ctx.config.UPLOAD_TTL);
  if (!isFailed) return leaseLost;
  await ctx.spool.remove(upload.id);
  await ctx.progress.drop(upload.id);
  await ctx.changed(upload.userId);
  return { kind: "done", note: code };
}

/** For push, which computes them where they are not kept: a full disk must not keep a merge from freeing it. */
async function keepDigests(ctx: WorkerContext, { id }: Upload, digests: SpanDigest[]): Promise<void> {
  if (digests.length === 0) return;
  try {
    await ctx.spool.noteDigests(id, digests);
  } catch (error) {
    if (!isAppError(error, "no-space")) throw error;
    ctx.log.warn({ worker: "merge", uploadId: id, err: error }, "digests of the parts were not kept; push computes them again");
  }
}

async function finish(ctx: WorkerContext, job: Job, upload: Upload, found: Digest): Promise<Verdict> {
  const made = await commit(ctx, job, upload, found).catch((error: unknown) => {
    if (isAppError(error, "sha1-collision")) return "sha1-collision" as const;
    throw error;
  });
  if (made === "sha1-collision") return await fail(ctx, job, upload, made);
  if (made === undefined) return leaseLost;
  ctx.fault("merge.after-commit");
  await ctx.progress.drop(upload.id);
  // The drive held that content already: these bytes have no row.
  if (made.blob.spoolId !== upload.id) await ctx.spool.remove(upload.id);
  await ctx.changed(upload.userId);
  const { id, node, state } = made.blob;
  if (state === "spooled") await wake(ctx, { worker: "push", id, node, requestId: job.requestId });
  return { kind: "done" };
}

/** @returns `undefined` when the upload is no longer this worker's. */
async function commit(ctx: WorkerContext, job: Job, upload: Upload, { sha1, sha256 }: Digest): Promise<StoredFile | undefined> {
  const now = ctx.now();
  const { id: spoolId, userId, name, size, node } = upload;
  const lost = await findLostBlob(ctx.catalog.db, sha1, (place, bytes) => mayHold(ctx.stores, place, bytes, job.signal));
  try {
    return await retryDuplicates(() =>
      ctx.catalog.transaction(async (tx) => {
        const blob = await holdOrMakeBlob(tx, newId(now), { sha1, sha256, size }, { spoolId, node }, now, ctx.spool, lost);
        const made = await insertFile(tx, { id: newId(now), userId, name, blob, now });
        if (await finishUpload(tx, job.lease, made.file.id, now, now + ctx.config.UPLOAD_TTL)) return made;
        throw new AppError("upload-closed", "the upload was cancelled or taken over meanwhile");
      }),
    );
  } catch (error) {
    // The account may have been deleted, and with it the upload cancelled.
    if (isAppError(error, "upload-closed", "unauthorized")) return undefined;
    throw error;
  }
}

const leaseLost: Verdict = { kind: "done", note: "cancelled or taken over meanwhile; nothing was changed" };
