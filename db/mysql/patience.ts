import { Failure, unavailable } from "./failure.ts";

/** Tries again what failed for a reason that passes. */
export interface Patience {
  /**
   * Runs `work` until it succeeds. After a conflict, a few times; while the database is away, for ten seconds since it
   * went: what comes later is tried once, so that an outage does not make everybody wait.
   *
   * @param isRepeatable whether it may be done again where it is not known whether it was done.
   * @throws {AppError} `unavailable` instead of the {@link Failure} that it gave up on; any other error at once.
   */
  persist<T>(work: () => Promise<T>, isRepeatable: boolean): Promise<T>;
}

export interface PatienceOptions {
  patienceMs?: number;
  /** Milliseconds, of a clock that never goes back. */
  clock?: () => number;
  sleep?: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  random?: () => number;
}

const maxConflicts = 10;

export function createPatience(options: PatienceOptions = {}): Patience {
  const { patienceMs = 10_000, clock = () => performance.now(), sleep = Bun.sleep, random = Math.random } = options;
  let awaySince = Number.POSITIVE_INFINITY;

  const isOver = (from: number, pause: number) => clock() + pause > from + patienceMs;

  /** Milliseconds until the next try, or `undefined` when there is to be none. */
  function pauseAfter({ kind }: Failure, tries: number, startedAt: number, isRepeatable: boolean): number | undefined {
    if (kind === "conflict") {
      const pause = random() * Math.min(500, 5 * 2 ** tries);
      return tries < maxConflicts && !isOver(startedAt, pause) ? pause : undefined;
    }
    if (kind !== "refused" && !(kind === "lost" && isRepeatable)) return undefined;
    const pause = (0.5 + random() / 2) * Math.min(1000, 25 * 2 ** tries);
    return isOver(Math.min(awaySince, startedAt), pause) ? undefined : pause;
  }

  return {
    persist: async (work, isRepeatable) => {
      const startedAt = clock();
      for (let tries = 1; ; tries++) {
        try {
          const result = await work();
          awaySince = Number.POSITIVE_INFINITY;
          return result;
        } catch (error) {
          const isAway = error instanceof Failure && (error.kind === "refused" || error.kind === "lost");
          awaySince = isAway ? Math.min(awaySince, clock()) : Number.POSITIVE_INFINITY;
          if (!(error instanceof Failure)) throw error;
          const pause = pauseAfter(error, tries, startedAt, isRepeatable);
          if (pause === undefined) throw unavailable(error);
          await sleep(pause);
        }
      }
    },
  };
}
