/**
 * Progress: which chunks of an upload are there. A fast index over the chunk logs of the spool, and no more than that:
 * it may be emptied at any time and costs one reading of the log.
 *
 * ```ts
 * const progress = await openProgress({ log: spool, onError, ttlMs: 86_400_000 });
 * const { logged } = await spool.writeChunk({ id, index: 2, … });
 * progress.add(id, 2, logged);
 * (await progress.received(id, 3)).missing(); // [1, 3]
 * ```
 */
export { ChunkSet } from "./chunk_set.ts";
export { memoryProgress, type MemoryProgressOptions } from "./memory.ts";
export { openProgress, type ProgressOptions } from "./open.ts";
export type { Logs, Progress } from "./port.ts";
