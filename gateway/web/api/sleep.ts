/**
 * Waits `ms` milliseconds, or less: an event `online` on `wake` (the window) ends the wait.
 *
 * @throws The reason of `signal` when it aborts.
 */
export function sleep(ms: number, signal?: AbortSignal, wake?: EventTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (settle: () => void) => () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      wake?.removeEventListener("online", awake);
      settle();
    };
    const awake = end(resolve);
    const aborted = end(() => reject(signal?.reason));
    const timer = setTimeout(awake, ms);
    signal?.addEventListener("abort", aborted);
    wake?.addEventListener("online", awake);
  });
}
