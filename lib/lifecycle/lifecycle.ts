import { levelOf } from "../errors/mod.ts";
import { createTaskSet } from "./task_set.ts";

/** As much of a logger as is needed; pino's fits. */
export interface LifecycleLog {
  warn(fields: { err: unknown; name: string }, text: string): void;
  error(fields: { err?: unknown; name?: string; names?: string[] }, text: string): void;
}

export interface StopOptions {
  /** Milliseconds to finish what runs. Then `aborted` fires. */
  timeoutMs: number;
  /** Milliseconds after that for what was aborted to clean up; 1 s by default. */
  graceMs?: number;
}

/** How a process ends: first by stopping (finish what runs, begin nothing new), then, when time is up, by aborting. */
export interface Lifecycle {
  /** Fires when {@link Lifecycle.stop} is called: begin nothing new, finish what runs. */
  readonly stopping: AbortSignal;
  /** Fires when the time to finish is up: drop what runs. */
  readonly aborted: AbortSignal;
  /**
   * Keeps work that nobody awaits in sight: `stop` waits for it, and a rejection is logged, as a warning where something is
   * away or full.
   */
  background(name: string, task: Promise<unknown> | (() => Promise<unknown>)): void;
  /** Resolves once no background task runs. As a phase, it lets them end before what they use is closed. */
  idle(): Promise<void>;
  /** Adds a phase of stopping. The last one added runs first: what was opened last is closed first. */
  onStop(name: string, phase: () => Promise<unknown>): void;
  /**
   * Runs the phases one after the other, then waits for background tasks. A phase that fails is logged, and the next
   * one runs; when time is up the rest are begun all the same, but no longer waited for than `graceMs` in all.
   * Called again, it gives the first call's promise.
   *
   * @returns whether all came to its end in time and no phase failed.
   */
  stop(options: StopOptions): Promise<boolean>;
}

interface Phase {
  name: string;
  run: () => Promise<unknown>;
}

/** Never rejects on purpose: what fails while a process runs or ends is in the log. */
export function createLifecycle({ log }: { log: LifecycleLog }): Lifecycle {
  const stopping = new AbortController();
  const aborted = new AbortController();
  const tasks = createTaskSet((err, name) => {
    if (obeys(err, stopping.signal, aborted.signal)) return;
    log[levelOf(err)]({ err, name }, "a background task failed");
  });
  const phases: Phase[] = [];
  let stopped: Promise<boolean> | null = null;
  let failed = false;

  const runPhase = async ({ name, run }: Phase) => {
    try {
      await run();
    } catch (err) {
      failed = true;
      log.error({ err, name }, "a phase of stopping failed");
    }
  };
  const runPhases = async (over: Deadline) => {
    for (let phase = phases.pop(); phase; phase = phases.pop()) {
      if (!(await over.endsFirst(runPhase(phase)))) log.error({ name: phase.name }, "a phase of stopping did not end in time");
    }
  };
  const stop = async ({ timeoutMs, graceMs = 1000 }: StopOptions): Promise<boolean> => {
    stopping.abort(new DOMException("the process stops", "AbortError"));
    const over = deadline(timeoutMs, graceMs, () => aborted.abort(new DOMException("the time to finish is up", "AbortError")));
    // Again, for a start that is still under way adds phases while the process already stops.
    do {
      await runPhases(over);
      if (!(await over.endsFirst(tasks.idle()))) log.error({ names: tasks.names() }, "background tasks did not end in time");
    } while (phases.length > 0);
    over.clear();
    return !failed && !aborted.signal.aborted;
  };
  return {
    stopping: stopping.signal,
    aborted: aborted.signal,
    background: (name, task) => tasks.add(name, task),
    idle: () => tasks.idle(),
    onStop: (name, run) => void phases.push({ name, run }),
    stop: (options) => (stopped ??= stop(options)),
  };
}

/** Whether a task ended by doing what it was told: it rejects with a signal's reason, itself or as a cause. */
function obeys(error: unknown, ...signals: AbortSignal[]): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return signals.some((signal) => signal.aborted && (error === signal.reason || cause === signal.reason));
}

interface Deadline {
  /** Whether `work`, which never rejects, ends before it. */
  endsFirst(work: Promise<unknown>): Promise<boolean>;
  clear(): void;
}

/** Calls `onTimeout` after `timeoutMs`; `graceMs` later nothing is waited for any more. */
function deadline(timeoutMs: number, graceMs: number, onTimeout: () => void): Deadline {
  const over = Promise.withResolvers<false>();
  const timeout = setTimeout(onTimeout, timeoutMs);
  const grace = setTimeout(() => over.resolve(false), timeoutMs + graceMs);
  return {
    endsFirst: async (work) => await Promise.race([work.then(() => true), over.promise]),
    clear() {
      clearTimeout(timeout);
      clearTimeout(grace);
    },
  };
}
