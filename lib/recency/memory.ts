import { Marks } from "./marks.ts";
import { type Recency, windowMs as defaultWindowMs } from "./port.ts";

/** Recency where one process makes all the changes. */
export function memoryRecency(windowMs = defaultWindowMs): Recency {
  const marks = new Marks(windowMs);
  return {
    engine: "memory",
    async mark(userIds) {
      for (const userId of userIds) marks.add(userId);
    },
    isRecent: (userId) => marks.has(userId),
    async check(signal) {
      signal.throwIfAborted();
    },
    async close() {
      marks.clear();
    },
  };
}
