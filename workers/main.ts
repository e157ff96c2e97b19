import { parseConfig } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";
import { type Fault, noFault, stopOnSignal } from "#lib/lifecycle/mod.ts";

import { workersNamed } from "./all.ts";
import type { WorkerContext } from "./context.ts";
import { fsckCommand, parseFsckArgs } from "./fsck/command.ts";
import { moveCommand } from "./move/command.ts";
import { parseMoveArgs } from "./move/options.ts";
import { openPorts } from "./open.ts";
import { listAllParked, replayAllParked } from "./parked.ts";
import { startWorkers } from "./runner.ts";
import { startStatusServer } from "./status_server.ts";

const usage = `bun workers/main.ts WORKER …            runs workers (merge, push, purge, sweep, probe, fetch, copy) until SIGTERM
bun workers/main.ts parked [--replay]   lists the jobs that wait for a person, or makes them due again
bun workers/main.ts move --from STORE --to STORE [--where CONDITION] [--keep] [--dry-run | --stop]
                                        moves (with --keep, copies) files from one store to another
bun workers/main.ts fsck [--repair] [--deep] [--json]
                                        compares rows, objects and spool files; exits with 0, 1 (findings) or 2`;

/** Runs the workers of these names in this process, until the lifecycle, or a signal, stops them. */
export async function work(
  env: Record<string, string | undefined>,
  names: string[],
  fault: Fault = noFault,
): Promise<WorkerContext> {
  const workers = workersNamed(names);
  const ctx = await openPorts(parseConfig(env), { fault });
  // Before it answers anybody: who has seen that it is ready may stop it.
  stopOnSignal(ctx.lifecycle, ctx.config.SHUTDOWN_MS);
  const runner = await startWorkers(ctx, workers);
  ctx.lifecycle.onStop("workers", () => runner.stop());
  startStatusServer(ctx);
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

/** Fires at the first SIGTERM or Ctrl-C; the second ends the process. A command that was cut short must not exit with 0. */
function interrupted(): AbortSignal {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new AppError("unavailable", "it was interrupted"));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, interrupt);
  return interruption.signal;
}

async function check(args: string[]): Promise<void> {
  const options = parseFsckArgs(args);
  const ctx = await openPorts(parseConfig({ ...process.env, LOG_LEVEL: "error" }));
  const code = await fsckCommand(ctx, options, (line) => process.stdout.write(`${line}\n`), interrupted());
  await ctx.lifecycle.stop({ timeoutMs: ctx.config.SHUTDOWN_MS });
  process.exit(code);
}

/** `move`: ends the process when it is done. */
export async function move(args: string[], fault: Fault = noFault): Promise<void> {
  const ctx = await openPorts(parseConfig({ ...process.env, LOG_LEVEL: "warn" }), { fault });
  const options = parseMoveArgs(
    args,
    ctx.stores.all.map(({ name }) => name),
  );
  const output = { write: (text: string) => void process.stdout.write(text), isTerminal: process.stdout.isTTY };
  const code = await moveCommand(ctx, options, output, interrupted());
  await ctx.lifecycle.stop({ timeoutMs: ctx.config.SHUTDOWN_MS });
  process.exit(code);
}

async function main(args: string[]): Promise<void> {
  if (args.length === 0) throw new AppError("invalid-request", `name the workers to run:\n${usage}`);
  if (args[0] === "parked") return await parked(args.includes("--replay"));
  // 1 says that something was found; what kept it from looking is another matter.
  if (args[0] === "fsck") return await check(args.slice(1)).catch((error: unknown) => exitWith(2, error));
  if (args[0] === "move") return await move(args.slice(1));
  await work(process.env, args);
}

function exitWith(code: number, error: unknown): never {
  process.stderr.write(`sluice: ${error instanceof AppError ? error.message : Bun.inspect(error)}\n`);
  process.exit(code);
}

if (import.meta.main) {
  main(process.argv.slice(2)).catch((error: unknown) => exitWith(1, error));
}
