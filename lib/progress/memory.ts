import { LogIndexes } from "./log_indexes.ts";
import type { Logs, Progress } from "./port.ts";

export interface MemoryProgressOptions {
  /** How many uploads are remembered; the one not asked for longest is forgotten first. */
  uploads?: number;
}

/**
 * Progress in this process's memory: an index over the logs of the spool beside it. It is never behind the log, whoever
 * writes there, for it looks at the log's tail whenever it is asked. Of uploads of other nodes it knows nothing.
 */
export function memoryProgress(log: Logs, options: MemoryProgressOptions = {}): Progress {
  const indexes = new LogIndexes(log, options.uploads);
  return {
    engine: "memory",
    received: async (id, chunkCount) => (await indexes.read(id, chunkCount)).chunks,
    async peek(id, chunkCount) {
      const { born, chunks } = await indexes.read(id, chunkCount);
      return born === null ? null : chunks;
    },
    begin: (id, chunkCount, made) => indexes.of(id, chunkCount).begin(made),
    add: (id, index, logged) => indexes.known(id)?.add(index, logged),
    stampWithout: (id, index) => indexes.known(id)?.stampWithout(index) ?? null,
    async drop(id) {
      indexes.forget(id);
    },
    async check(signal) {
      signal.throwIfAborted();
    },
    async close() {
      indexes.clear();
    },
  };
}
