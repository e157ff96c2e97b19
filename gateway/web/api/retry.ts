import { NetworkError } from "./network_error.ts";
import { ProblemError } from "./problem_error.ts";
import { sleep } from "./sleep.ts";

/** How long a failing request is tried again. */
export interface RetryOptions {
  signal: AbortSignal;
  /** Times that a request without an answer is sent; without end unless said otherwise. */
  networkAttempts?: number;
  /** Told before each wait, so that the person can be. */
  onWait?: (error: Error, delayMs: number) => void;
  /** A number in [0, 1). */
  random?: () => number;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** Times that a request which the drive refuses for now (429, 5xx, a damaged chunk) is sent. */
const answeredAttempts = 8;

/**
 * Runs `task` until it succeeds, with growing waits that have jitter, so that the clients of a drive that comes back
 * do not come back all at once. Connections that break are waited out; a refusal that would be the same again is not.
 *
 * @throws What `task` threw last, when trying again is no use; the reason of `signal`.
 */
export async function withRetry<T>(task: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await task();
    } catch (error) {
      options.signal.throwIfAborted();
      const delayMs = retryDelayMs(error, failures, options);
      if (delayMs === null || !(error instanceof Error)) throw error;
      options.onWait?.(error, delayMs);
      await sleep(delayMs, options.signal, error instanceof NetworkError ? browserWindow() : undefined);
    }
  }
}

/** Milliseconds to wait after the `failures`th failure; `null` when it is no use to try again. */
export function retryDelayMs(error: unknown, failures: number, options: Omit<RetryOptions, "signal"> = {}): number | null {
  const { networkAttempts = Infinity, random = Math.random } = options;
  if (failures >= (error instanceof NetworkError ? networkAttempts : answeredAttempts)) return null;
  if (!isPassing(error)) return null;
  const grown = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
  return error instanceof ProblemError ? Math.max(grown, error.retryAfterMs ?? 0) : grown;
}

/** Whether the same request may well succeed later. A full disk (507) and what is not built (501) stay as they are. */
function isPassing(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  if (!(error instanceof ProblemError)) return false;
  if (error.status === 422) return error.code === "checksum-mismatch";
  return error.status === 408 || error.status === 429 || (error.status >= 500 && error.status !== 501 && error.status !== 507);
}

/** The window's `online` event ends a wait for the network early; tests under Bun have no window. */
function browserWindow(): EventTarget | undefined {
  return typeof window === "undefined" ? undefined : window;
}
