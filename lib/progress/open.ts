import { memoryProgress } from "./memory.ts";
import type { Logs, Progress } from "./port.ts";

export interface ProgressOptions {
  /** `redis:` or `rediss:`; without it, progress is kept in memory. */
  url?: string | undefined;
  /** The chunk logs: what every engine is an index over. */
  log: Logs;
  /** Told what goes wrong where nobody waits for it: a lost connection, once until it is back. */
  onError: (error: unknown) => void;
  /** How long other nodes are told of an upload that nothing happens to, milliseconds: no less than an upload lives. */
  ttlMs: number;
}

/**
 * Opens the engine that the URL names.
 *
 * @throws {AppError} `invalid-request` for a URL that names none or that Redis refuses, `unavailable` when Redis cannot be
 *   reached; never with the URL, which may hold a password.
 */
export async function openProgress({ url, log, onError, ttlMs }: ProgressOptions): Promise<Progress> {
  if (url === undefined) return memoryProgress(log);
  const { redisProgress } = await import("./redis.ts");
  return await redisProgress({ url, log, onError, ttlMs });
}
