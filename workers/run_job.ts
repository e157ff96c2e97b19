import { claimLease, type Lease, parkedUntil, releaseLease, renewLease } from "#db/leases.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { WorkerContext } from "./context.ts";
import { wake } from "./wake.ts";
import type { RowWorker, Verdict } from "./worker.ts";

/** Errors that nobody foresaw are tried this often; what is only away or full is waited for without end. */
const maxAttempts = 10;
const maxDelayMs = 5 * 60_000;

/** Runs the job of one row, if it still waits: under a lease that is renewed meanwhile, to a verdict that is logged. */
export async function runJob(ctx: WorkerContext, worker: RowWorker, id: string, requestId?: string): Promise<void> {
  const { catalog, config, lifecycle, now } = ctx;
  const owner = `${ctx.node}/${newId()}`;
  const { table, state } = worker;
  const lease = await claimLease(catalog, { table, id, state, owner, now: now(), leaseMs: config.LEASE_TTL });
  if (!lease) return;
  const begin = performance.now();
  const heartbeat = keepLease(ctx, lease);
  const signal = AbortSignal.any([lifecycle.aborted, heartbeat.lost]);
  const verdict = await judge(() => worker.run(ctx, { lease, attempts: lease.attempts, signal, requestId }), lease.attempts);
  heartbeat.stop();
  await settle(ctx, worker, lease, verdict, requestId);
  const seconds = (performance.now() - begin) / 1000;
  ctx.metrics.job({ worker: worker.name, verdict: verdict.kind, seconds });
  const level = verdict.kind === "done" ? "info" : "warn";
  const { kind, ...why } = verdict;
  const ms = Math.round(seconds * 1e3);
  ctx.log[level]({ worker: worker.name, id, requestId, attempts: lease.attempts, ms, verdict: kind, ...why }, "job");
}

type Judged = Verdict & { err?: unknown };

async function judge(run: () => Promise<Verdict>, attempts: number): Promise<Judged> {
  try {
    return await run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isAway = error instanceof AppError && (error.code === "unavailable" || error.code === "no-space");
    return { kind: isAway || attempts + 1 < maxAttempts ? "retry" : "park", reason, err: error };
  }
}

async function settle(
  ctx: WorkerContext,
  worker: RowWorker,
  lease: Lease & { attempts: number },
  verdict: Judged,
  requestId?: string,
) {
  const { catalog, lifecycle, now } = ctx;
  // Mostly the row is free by now; where its state was not this worker's to change, the lease is given back.
  if (verdict.kind === "done") return await releaseLease(catalog, lease, 0, 0);
  if (verdict.kind === "park") {
    await releaseLease(catalog, lease, parkedUntil, lease.attempts + 1);
    return await park(ctx, worker, lease, verdict.reason, requestId);
  }
  // The process ends: whoever comes next goes on at once, and it was no failure of the job.
  if (lifecycle.aborted.aborted) return await releaseLease(catalog, lease, 0, lease.attempts);
  const attempts = verdict.attempts ?? lease.attempts + 1;
  const delayMs = verdict.afterMs ?? Math.min(maxDelayMs, 1000 * 2 ** (attempts - 1)) * (0.75 + Math.random() / 2);
  await releaseLease(catalog, lease, Math.round(now() + delayMs), attempts);
  await wake(ctx, { worker: worker.name, id: lease.id, node: ctx.node, requestId }, delayMs);
}

/** The row is parked already; the copy keeps the reason beside it, where a person finds both. */
async function park(ctx: WorkerContext, { name }: RowWorker, { id }: Lease, reason: string, requestId?: string): Promise<void> {
  try {
    await ctx.queue.park({ v: 1, worker: name, id, node: ctx.node, ...(requestId && { requestId }) }, reason);
  } catch (error) {
    ctx.log.warn({ err: error, worker: name, id, requestId }, "parked on its row only");
  }
}

/** Renews a lease three times in its life; `lost` is aborted when somebody else has it, or it could not be kept. */
function keepLease(ctx: WorkerContext, lease: Lease) {
  const { LEASE_TTL } = ctx.config;
  const lost = new AbortController();
  let keptUntil = ctx.now() + LEASE_TTL;
  const renew = async () => {
    const until = ctx.now() + LEASE_TTL;
    try {
      if (await renewLease(ctx.catalog, lease, until)) keptUntil = until;
      else lost.abort(new AppError("unavailable", `the lease on ${lease.id} is lost`));
    } catch (error) {
      ctx.log.warn({ err: error, id: lease.id }, "lease not renewed");
      if (ctx.now() >= keptUntil) lost.abort(error);
    }
  };
  const timer = setInterval(() => void renew(), LEASE_TTL / 3);
  return { lost: lost.signal, stop: () => clearInterval(timer) };
}
