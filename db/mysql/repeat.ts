/**
 * Runs `task` now and every `everyMs` milliseconds, never twice at once.
 *
 * @returns what ends it, once a run under way has come to its end.
 */
export function repeat(task: () => Promise<void>, everyMs: number): () => Promise<void> {
  let running: Promise<void> | undefined;
  const tick = () => {
    running ??= task().finally(() => (running = undefined));
  };
  tick();
  const timer = setInterval(tick, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
