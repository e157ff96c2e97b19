import { memoryViews } from "./memory.ts";
import type { Views } from "./port.ts";

export interface ViewsOptions {
  /** `redis:` or `rediss:`; without it, this process counts for itself. */
  url?: string | undefined;
  /** The same in every process of a drive, and other than of other drives that use the same Redis. */
  drive: string;
  /** Told what goes wrong where nobody waits for it: a lost connection, once until it is back. */
  onError: (error: unknown) => void;
}

/**
 * Opens the engine that the URL names.
 *
 * @throws {AppError} `invalid-request` for a URL that names none or that Redis refuses, `unavailable` when Redis cannot be
 *   reached; never with the URL, which may hold a password.
 */
export async function openViews({ url, drive, onError }: ViewsOptions): Promise<Views> {
  if (url === undefined) return memoryViews();
  const { redisViews } = await import("./redis.ts");
  return await redisViews({ url, drive, onError });
}
