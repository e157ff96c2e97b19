import pLimit from "p-limit";

import { levelOf } from "#lib/errors/mod.ts";
import type { Consumer } from "#lib/queue/mod.ts";

import type { WorkerContext } from "./context.ts";
import { runJob } from "./run_job.ts";
import type { RowWorker, TickWorker, Worker } from "./worker.ts";

/** Running workers. */
export interface Runner {
  /** Takes no more jobs, and waits until those in hand are done (or aborted by the lifecycle). */
  stop(): Promise<void>;
}

/**
 * Runs workers: each hears its messages, and looks for waiting rows by itself every `SWEEP_EVERY`, since a message
 * is a wake-up call that may be lost and the row is the job.
 */
export async function startWorkers(ctx: WorkerContext, workers: Worker[]): Promise<Runner> {
  const stopping = new AbortController();
  const running = await Promise.all(
    workers.map((worker) =>
      "tick" in worker ? startTicking(ctx, worker, stopping.signal) : startRows(ctx, worker, stopping.signal),
    ),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running.map((stop) => stop()));
    },
  };
}

async function startRows(ctx: WorkerContext, worker: RowWorker, stopping: AbortSignal): Promise<() => Promise<void>> {
  const concurrency = worker.concurrency?.(ctx.config) ?? ctx.config.WORKER_CONCURRENCY;
  const inTurn = pLimit(concurrency);
  const job = (id: string, requestId?: string) =>
    inTurn(() => (stopping.aborted ? undefined : runJob(ctx, worker, id, requestId)));
  const consumer: Consumer = await ctx.queue.consume({ worker: worker.name, node: ctx.node, concurrency }, (message) =>
    job(message.id, message.requestId),
  );
  // What was found by looking and still runs: a job that takes hours keeps no other from being found.
  const inHand = new Map<string, Promise<void>>();
  const take = (id: string) => {
    const running = Promise.resolve(job(id))
      .catch((err: unknown) => ctx.log[levelOf(err)]({ worker: worker.name, id, err }, "a job could not be begun or ended"))
      .finally(() => inHand.delete(id));
    inHand.set(id, running);
  };
  const looking = repeat(ctx, worker.name, stopping, async () => {
    const due = await worker.due(ctx, concurrency);
    // Those that are in hand may not have claimed their row yet.
    const found = new Set(due).difference(inHand);
    for (const id of found) take(id);
    if (inHand.size >= concurrency) await Promise.race(inHand.values());
    return found.size > 0;
  });
  return async () => {
    await Promise.all([consumer.stop(), looking]);
    await Promise.all(inHand.values());
  };
}

async function startTicking(ctx: WorkerContext, worker: TickWorker, stopping: AbortSignal): Promise<() => Promise<void>> {
  const ticking = repeat(ctx, worker.name, stopping, async () => {
    await worker.tick(ctx, ctx.lifecycle.aborted);
    return false;
  });
  return () => ticking;
}

/** Calls `look` again and again: at once while it finds something, else after `SWEEP_EVERY`, until stopped. */
async function repeat(ctx: WorkerContext, name: string, stopping: AbortSignal, look: () => Promise<boolean>): Promise<void> {
  while (!stopping.aborted) {
    const isBusy = await look().catch((error: unknown) => {
      ctx.log[levelOf(error)]({ worker: name, err: error }, "worker could not look for work");
      return false;
    });
    if (!isBusy) await pause(ctx.config.SWEEP_EVERY, stopping);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
