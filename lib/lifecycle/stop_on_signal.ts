import type { Lifecycle } from "./lifecycle.ts";

/**
 * Ends the process on SIGTERM or SIGINT: finishes what runs within `timeoutMs`, then exits, with 0 when all came to its
 * end. A second signal ends it at once.
 */
export function stopOnSignal(lifecycle: Lifecycle, timeoutMs: number): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(130);
    isStopping = true;
    process.exit((await lifecycle.stop({ timeoutMs })) ? 0 : 1);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
}
