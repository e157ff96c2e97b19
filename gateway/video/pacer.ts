/** Holds a sender back to a rate. */
export interface Pacer {
  /** Resolves when `bytes` more may go: at once while the sender is behind the rate, and at once for good after `stop`. */
  next(bytes: number): Promise<void>;
  /** Ends the wait that runs, and every one after it. */
  stop(): void;
}

/**
 * @param bytesPerSecond 0 is no limit.
 * @param now milliseconds on a clock that never goes back.
 */
export function createPacer(bytesPerSecond: number, now: () => number = () => performance.now()): Pacer {
  if (bytesPerSecond === 0) return { next: async () => {}, stop: () => {} };
  let nextAt = now();
  let wake: (() => void) | undefined;
  let isStopped = false;
  return {
    async next(bytes) {
      const waitMs = nextAt - now();
      // What was not sent while the client took its time is not made up for in one burst.
      nextAt = Math.max(nextAt, now()) + (bytes / bytesPerSecond) * 1000;
      if (waitMs <= 0 || isStopped) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, waitMs);
      wake = resolve;
      await promise;
      clearTimeout(timer);
    },
    stop() {
      isStopped = true;
      wake?.();
    },
  };
}
