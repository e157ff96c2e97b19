import { closeFetch, countOlderFetches, type Fetch, failFetch, fetchById, fetchesDue } from "#db/fetches.ts";
import { type Upload, uploadById } from "#db/uploads.ts";
import { AppError, type Code, isAppError } from "#lib/errors/mod.ts";

import type { WorkerContext } from "../context.ts";
import { wake } from "../wake.ts";
import type { Job, RowWorker, Verdict } from "../worker.ts";
import { FetchFailed } from "./fetch_failed.ts";
import { Transfer } from "./transfer.ts";
import { type FetchWatch, watchFetch } from "./watch.ts";

/** A server is waited for no shorter and no longer than that, whatever it says. */
const minRetryAfterMs = 1000;
const maxRetryAfterMs = 3_600_000;
/** A timer takes no more, 24 days; the next run looks again. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Brings what a URL holds into the spool, as an upload of whoever asked for it; when all bytes are there, the merge worker
 * does the rest, as with any upload.
 */
export const fetch: RowWorker = {
  name: "fetch",
  table: "uploads",
  state: "fetching",
  concurrency: (config) => config.OFFLINE_PARALLEL,
  due: ({ catalog, node, now, config }, limit) =>
    fetchesDue(catalog, { node, now: now(), limit, perUser: config.OFFLINE_PER_USER }),
  run: async (ctx, job) => {
    const upload = await uploadById(ctx.catalog.db, job.lease.id);
    const source = await fetchById(ctx.catalog.db, job.lease.id);
    if (!upload || !source) return { kind: "done", note: "the upload is gone" };
    if (upload.node !== ctx.node) return { kind: "done", note: `its spool is that of node ${upload.node}` };
    if ((await countOlderFetches(ctx.catalog, upload, ctx.now())) >= ctx.config.OFFLINE_PER_USER)
      return { kind: "done", note: "older ones of this user come first" };
    await using watch = watchFetch(ctx, job, upload);
    return await attempt(ctx, job, upload, source, watch);
  },
};

async function attempt(ctx: WorkerContext, job: Job, upload: Upload, source: Fetch, watch: FetchWatch): Promise<Verdict> {
  const { stopping } = ctx.lifecycle;
  const leftMs = Math.max(0, upload.createdAt + ctx.config.OFFLINE_TIMEOUT - ctx.now());
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), Math.min(leftMs, maxTimerMs));
  const signal = AbortSignal.any([job.signal, watch.gone, stopping, late.signal]);
  let transfer: Transfer | undefined;
  try {
    if (leftMs === 0) throw new FetchFailed("source-failed", `it took longer than ${ctx.config.OFFLINE_TIMEOUT} ms in all`);
    transfer = await Transfer.open({ ctx, lease: job.lease, upload, fetch: source, watch, signal });
    return await close(ctx, job, { ...upload, size: await transfer.run() });
  } catch (error) {
    if (watch.gone.aborted) return await leave(ctx, upload);
    // It goes on with the next start, from where it is; the process need not wait for it.
    if (stopping.aborted) return { kind: "retry", reason: "the process stops", afterMs: 0, attempts: job.attempts };
    if (late.signal.aborted) return await fail(ctx, job, upload, "source-failed", "its time is up");
    return await judge(ctx, job, upload, { error, gotOn: transfer?.gotOn ?? false });
  } finally {
    clearTimeout(timer);
  }
}

async function judge(
  ctx: WorkerContext,
  job: Job,
  upload: Upload,
  { error, gotOn }: { error: unknown; gotOn: boolean },
): Promise<Verdict> {
  if (error instanceof FetchFailed || isAppError(error, "url-refused", "source-refused"))
    return await fail(ctx, job, upload, error.code, error.message);
  if (!isAppError(error, "source-failed")) throw error;
  const attempts = gotOn ? 1 : job.attempts + 1;
  if (attempts >= ctx.config.OFFLINE_TRIES && !gotOn) return await fail(ctx, job, upload, "source-failed", error.message);
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds === undefined) return { kind: "retry", reason: error.message, attempts };
  const afterMs = Math.min(maxRetryAfterMs, Math.max(minRetryAfterMs, retryAfterSeconds * 1000));
  return { kind: "retry", reason: error.message, attempts, afterMs };
}

async function fail(ctx: WorkerContext, job: Job, { id, userId }: Upload, code: Code, reason: string): Promise<Verdict> {
  const now = ctx.now();
  if (!(await failFetch(ctx.catalog, job.lease, code, { now, expiresAt: now + ctx.config.UPLOAD_TTL }))) return leaseLost;
  await ctx.spool.remove(id);
  await ctx.progress.drop(id);
  await ctx.changed(userId);
  return { kind: "done", note: `${code}: ${reason}` };
}

/** Durable first, as when a client completes. */
async function close(ctx: WorkerContext, job: Job, upload: Upload): Promise<Verdict> {
  const { id, size, chunkSize, userId, node } = upload;
  await ctx.spool.sync(id);
  const { complete } = await ctx.progress.received(id, Math.ceil(size / chunkSize));
  if (!complete || !(await ctx.spool.has(id, size))) throw new AppError("source-failed", "the spool does not hold what has come");
  ctx.fault("fetch.before-close");
  if (!(await closeFetch(ctx.catalog, job.lease, upload, ctx.now()))) return leaseLost;
  ctx.fault("fetch.after-close");
  await ctx.changed(userId);
  await wake(ctx, { worker: "merge", id, node, requestId: job.requestId });
  return { kind: "done" };
}

/** Whoever cancelled it has removed its file, and this worker may have made it anew just then. */
async function leave(ctx: WorkerContext, { id }: Upload): Promise<Verdict> {
  const state = (await uploadById(ctx.catalog.db, id))?.state ?? "cancelled";
  if (state === "cancelled") await ctx.spool.remove(id);
  return leaseLost;
}

const leaseLost: Verdict = { kind: "done", note: "cancelled or taken over meanwhile; nothing was changed" };
