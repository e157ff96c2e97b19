import { AppError } from "../errors/mod.ts";
import type { Spool } from "../spool/port.ts";
import { memoryProgress } from "./memory.ts";
import type { Progress } from "./port.ts";

export interface ProgressOptions {
  /** Without it, progress is kept in memory. */
  url?: string | undefined;
  /** The chunk logs: what every engine is an index over. */
  log: Pick<Spool, "readLog">;
}

/**
 * Opens the engine that the URL names.
 *
 * @throws {AppError} `invalid-request` for a URL that names none; never with the URL, which may hold a password.
 */
export async function openProgress(options: ProgressOptions): Promise<Progress> {
  if (options.url !== undefined) {
    throw new AppError("invalid-request", "REDIS_URL: Redis is not supported by this version; leave it unset");
  }
  return memoryProgress(options.log);
}
