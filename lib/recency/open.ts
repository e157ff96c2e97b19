import { memoryRecency } from "./memory.ts";
import { type Recency, windowMs as defaultWindowMs } from "./port.ts";

export interface RecencyOptions {
  /** `redis:` or `rediss:`; without it, only this process's changes are known. */
  url?: string | undefined;
  /** Told what goes wrong where nobody waits for it: a lost connection, once until it is back. */
  onError: (error: unknown) => void;
  /** Milliseconds; the same in every process. */
  windowMs?: number;
}

/**
 * Opens the engine that the URL names.
 *
 * @throws {AppError} `invalid-request` for a URL that names none or that Redis refuses, `unavailable` when Redis cannot be
 *   reached; never with the URL, which may hold a password.
 */
export async function openRecency({ url, onError, windowMs = defaultWindowMs }: RecencyOptions): Promise<Recency> {
  if (url === undefined) return memoryRecency(windowMs);
  const { redisRecency } = await import("./redis.ts");
  return await redisRecency({ url, onError, windowMs });
}
