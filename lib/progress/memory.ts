import type { Spool } from "../spool/port.ts";
import { LogIndex } from "./log_index.ts";
import type { Progress } from "./port.ts";

export interface MemoryProgressOptions {
  /** How many uploads are remembered; the one not asked for longest is forgotten first. */
  uploads?: number;
}

/**
 * Progress in this process's memory: an index over the logs of the spool beside it. It is never behind the log, whoever
 * writes there, for it looks at the log's tail (one `stat` when there is none) whenever it is asked.
 */
export function memoryProgress(log: Pick<Spool, "readLog">, options: MemoryProgressOptions = {}): Progress {
  const { uploads = 10_000 } = options;
  // In the order in which they were last asked for.
  const indexes = new Map<string, LogIndex>();
  const indexOf = (id: string, chunkCount: number): LogIndex => {
    const known = indexes.get(id);
    const index = known?.chunkCount === chunkCount ? known : new LogIndex(log, id, chunkCount);
    indexes.delete(id);
    indexes.set(id, index);
    return index;
  };
  const forgetOldest = () => {
    const oldest = indexes.size > uploads ? indexes.keys().next().value : undefined;
    if (oldest !== undefined) indexes.delete(oldest);
  };
  return {
    engine: "memory",
    async received(id, chunkCount) {
      const index = indexOf(id, chunkCount);
      forgetOldest();
      return await index.refresh();
    },
    // The line is in the log, where received() finds it. A bit set here could only come late: after the log's next
    // line, which reopens the chunk, has been read.
    async add() {},
    async drop(id) {
      indexes.delete(id);
    },
    async check(signal) {
      signal.throwIfAborted();
    },
    async close() {
      indexes.clear();
    },
  };
}
