/**
 * Recency: of which users something has just changed, across all gateways and workers. A replica of the catalog may not
 * have it yet, so what is read on behalf of such a user is read from the primary.
 *
 * ```ts
 * const recency = await openRecency({ url: config.REDIS_URL, onError });
 * await recency.mark([userId]); // after the commit, before the answer
 * const source = (await recency.isRecent(userId)) ? primary : replica;
 * ```
 */
export { memoryRecency } from "./memory.ts";
export { openRecency, type RecencyOptions } from "./open.ts";
export { type Recency, windowMs } from "./port.ts";
