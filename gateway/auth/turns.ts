import pLimit from "p-limit";

import { AppError } from "#lib/errors/mod.ts";

/** How many may wait behind each one that runs: some three seconds of argon2id. */
const waitingPerTurn = 128;

/**
 * Runs at most `parallel` tasks at once, the others in the order in which they came.
 *
 * @throws {AppError} `unavailable`, with a second to wait, when 128 times `parallel` tasks wait already.
 */
export function createTurns(parallel: number): <T>(run: () => Promise<T>) => Promise<T> {
  const limit = pLimit(parallel);
  return async (run) => {
    if (limit.pendingCount < parallel * waitingPerTurn) return limit(run);
    throw new AppError("unavailable", `${limit.pendingCount} passwords wait to be checked already: try again in a second`, {
      retryAfterSeconds: 1,
    });
  };
}
