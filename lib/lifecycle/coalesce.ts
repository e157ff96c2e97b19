/**
 * Runs `work` never twice at once. A call made while it runs gets the result of the next run: one that began after the
 * call, and so has seen all that was there when it was made. Any number of such calls share that run.
 */
export function coalesce<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  let next: Promise<T> | null = null;
  const start = (): Promise<T> => {
    next = null;
    running = work().finally(() => {
      running = null;
    });
    return running;
  };
  const ended = async () => {
    // Whoever began that run hears of its failure; the next one only waits for its end.
    await running?.catch(() => {});
  };
  return () => (running === null && next === null ? start() : (next ??= ended().then(start)));
}
