export interface WaitOptions {
  timeoutMs: number;
  /** Milliseconds that one try may take; 5 s by default. */
  tryMs?: number;
  /** Rejects when there is nothing left to wait for. */
  stillWorthIt?: () => Promise<void>;
}

/**
 * Tries `check` every 20 ms until it resolves.
 *
 * @throws {Error} that says why the last try failed, once `timeoutMs` are over; and whatever `stillWorthIt` throws.
 */
export async function waitUntil(check: () => Promise<unknown>, options: WaitOptions): Promise<void> {
  const { timeoutMs, tryMs = 5000, stillWorthIt } = options;
  const until = Date.now() + timeoutMs;
  for (;;) {
    const failure = await attempt(check, tryMs);
    if (failure === null) return;
    await stillWorthIt?.();
    if (Date.now() > until) throw new Error(`it does not answer after ${timeoutMs} ms`, { cause: failure.error });
    await Bun.sleep(20);
  }
}

/** Bounded, for a server that is frozen or half up takes a connection and never answers. */
async function attempt(check: () => Promise<unknown>, tryMs: number): Promise<{ error: unknown } | null> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new Error(`a try took longer than ${tryMs} ms`)), tryMs);
  try {
    await Promise.race([check(), over.promise]);
    return null;
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}
