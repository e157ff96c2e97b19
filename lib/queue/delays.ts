/** Work put off for a while. */
export interface Delays {
  add(delayMs: number, work: () => void): void;
  /** Drops all that is put off; nothing is left that keeps the process alive. */
  clear(): void;
}

/** The longest that a timer takes: past it, setTimeout fires at once. An earlier wake-up does no harm, a storm does. */
const longestMs = 2 ** 31 - 1;

/** Timers, `limit` at most: past that the oldest is dropped, for the reason given at `createBacklog`. */
export function createDelays(limit: number): Delays {
  const timers = new Set<NodeJS.Timeout>();
  const dropOldest = () => {
    const [oldest] = timers;
    if (oldest === undefined) return;
    clearTimeout(oldest);
    timers.delete(oldest);
  };
  return {
    add(delayMs, work) {
      if (timers.size >= limit) dropOldest();
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          work();
        },
        Math.min(delayMs, longestMs),
      );
      timers.add(timer);
    },
    clear() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
