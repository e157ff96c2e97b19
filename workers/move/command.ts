import { setTimeout as sleep } from "node:timers/promises";

import { backlogOf, cancelMoves } from "#db/moves.ts";

import type { WorkerContext } from "../context.ts";
import { copy } from "../copy/copy.ts";
import { startWorkers } from "../runner.ts";
import { movePosters } from "./move_posters.ts";
import type { MoveOptions } from "./options.ts";
import { progressWriter } from "./progress.ts";
import { queueAll } from "./queue.ts";

/** How often it is looked how much is left. */
const lookMs = 500;

interface Output {
  write: (text: string) => void;
  isTerminal: boolean;
}

/**
 * `move`: queues what is to be moved, and works on it together with the drive's own workers until nothing is left, showing how
 * far it has come. Killed at any point, nothing is lost: the rows wait for whoever comes next, which may be the same command.
 *
 * @param signal ends it, after what it has in hand (see `Lifecycle.stop`).
 * @returns the exit code: 1 where it was ended, or some of it waits for a person.
 */
export async function moveCommand(
  ctx: WorkerContext,
  options: MoveOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { from, to, keep, isDryRun, isStop } = options;
  const say = (line: string) => output.write(`${line}\n`);
  if (isStop) {
    say(`${await cancelMoves(ctx.catalog, { from, to }, ctx.now())} moves from ${from} to ${to} are taken back`);
    return 0;
  }
  const { queued, bytes, before, both } = await queueAll(ctx, options, signal);
  if (isDryRun) {
    say(`${queued} files, ${bytes} bytes, would be ${keep ? "copied" : "moved"} from ${from} to ${to}`);
    return 0;
  }
  say(`${queued} files are queued from ${from} to ${to}; ${before} were before, ${both} are in both and stay there`);
  const parked = await workOff(ctx, options, output, signal);
  if (signal.aborted) {
    say(
      "stopped; what is queued still the drive's own workers go on with. Go on here with the same command, or take it back with --stop",
    );
    return 1;
  }
  if (!keep && options.where === undefined) {
    const stores = [ctx.stores.named(from), ctx.stores.named(to)] as const;
    say(`${await movePosters(ctx, ...stores, ctx.lifecycle.aborted)} posters of videos moved`);
  }
  if (!keep) say(`the old copies leave ${from} in ${Math.round(ctx.config.MOVE_GRACE / 1000)} s, by the drive's purge worker`);
  return parked > 0 ? 1 : 0;
}

/** Works until nothing is left but what waits for a person. @returns how much that is. */
async function workOff(
  ctx: WorkerContext,
  { from, to, keep }: MoveOptions,
  { write, isTerminal }: Output,
  signal: AbortSignal,
): Promise<number> {
  const show = progressWriter(write, isTerminal);
  const look = () => backlogOf(ctx.catalog, to, keep ? null : from);
  const totalBytes = (await look()).bytes;
  const runner = await startWorkers(ctx, [copy]);
  ctx.lifecycle.onStop("mover", () => runner.stop());
  for (;;) {
    const { copies, bytes, parked } = await look();
    const isLast = copies === parked || signal.aborted;
    show({ totalBytes, doneBytes: totalBytes - bytes, copiesLeft: copies, parked }, isLast);
    if (isLast) return parked;
    await pause(signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(lookMs, undefined, { signal });
  } catch (error) {
    // Stopping is seen by whoever paused.
    if (!signal.aborted) throw error;
  }
}
