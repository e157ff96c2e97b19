import type { Heartbeat } from "./heartbeat.ts";

/** A replica that is further behind is not read from. Milliseconds. */
export const maxLagMs = 2000;

/**
 * How far a replica follows. It shows the row that this process writes to the primary: what it shows is all that was
 * committed up to the time that stands there, told by the clock that wrote it, so that no two clocks are compared.
 */
export interface Freshness {
  /** A look at the replica that began at `from` saw the time `at`. */
  saw(at: number, from: number): void;
  /** The replica failed: what it showed before counts no more. */
  failed(): void;
  /** Milliseconds since the newest time that it showed. */
  lagMs(): number;
  isFresh(): boolean;
}

export function createFreshness(heartbeat: Pick<Heartbeat, "writtenAt" | "isAway">, clock: () => number): Freshness {
  let [seenAt, askedAt, failedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const isRecent = (at: number) => clock() - at <= maxLagMs;
  return {
    saw: (at, from) => {
      if (from < failedAt) return;
      [seenAt, askedAt] = [at, from];
    },
    failed: () => {
      [seenAt, askedAt, failedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, clock()];
    },
    lagMs: () => Math.round(clock() - seenAt),
    // While the primary is away nobody writes, and a replica that has all that was written last stays as good as it was.
    isFresh: () => isRecent(seenAt) || (heartbeat.isAway && isRecent(askedAt) && seenAt >= heartbeat.writtenAt),
  };
}
