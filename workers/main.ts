import { parseConfig } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";
import { type Fault, noFault, stopOnSignal } from "#lib/lifecycle/mod.ts";

import { workersNamed } from "./all.ts";
import type { WorkerContext } from "./context.ts";
import { openPorts } from "./open.ts";
import { listAllParked, replayAllParked } from "./parked.ts";
import { startWorkers } from "./runner.ts";
import { startStatusServer } from "./status_server.ts";

const usage = `bun workers/main.ts WORKER …            runs workers (merge, push, purge, sweep, probe, copy) until SIGTERM
bun workers/main.ts parked [--replay]   lists the jobs that wait for a person, or makes them due again`;

/** Runs the workers of these names in this process, until the lifecycle stops. */
export async function work(
  env: Record<string, string | undefined>,
  names: string[],
  fault: Fault = noFault,
): Promise<WorkerContext> {
  const workers = workersNamed(names);
  const ctx = await openPorts(parseConfig(env), { fault });
  startStatusServer(ctx);
  const runner = await startWorkers(ctx, workers);
  ctx.lifecycle.onStop("workers", () => runner.stop());
  ctx.log.info({ workers: names, node: ctx.node, dataDir: ctx.config.DATA_DIR }, "workers started");
  return ctx;
}

async function parked(isReplay: boolean): Promise<void> {
  const ctx = await openPorts(parseConfig({ ...process.env, LOG_LEVEL: "error" }));
  for (const line of isReplay ? await replay(ctx) : await list(ctx)) process.stdout.write(`${line}\n`);
  await ctx.lifecycle.stop({ timeoutMs: ctx.config.SHUTDOWN_MS });
}

async function list(ctx: WorkerContext): Promise<string[]> {
  const { jobs, messages } = await listAllParked(ctx);
  return [...jobs, ...messages].map((parked) => JSON.stringify(parked));
}

async function replay(ctx: WorkerContext): Promise<string[]> {
  const { jobs, messages } = await replayAllParked(ctx);
  return [`${jobs} jobs are due again`, `${messages} messages are published again`];
}

async function main(args: string[]): Promise<void> {
  if (args.length === 0) throw new AppError("invalid-request", `name the workers to run:\n${usage}`);
  if (args[0] === "parked") return await parked(args.includes("--replay"));
  const { lifecycle, config } = await work(process.env, args);
  stopOnSignal(lifecycle, config.SHUTDOWN_MS);
}

if (import.meta.main) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`sluice: ${error instanceof AppError ? error.message : Bun.inspect(error)}\n`);
    process.exit(1);
  });
}
