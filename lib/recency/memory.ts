import { Marks } from "./marks.ts";
import type { Recency } from "./port.ts";

/** Recency where one process makes all the changes. */
export function memoryRecency(): Recency {
  const marks = new Marks();
  return {
    engine: "memory",
    async mark(userIds) {
      for (const userId of userIds) marks.add(userId);
    },
    isRecent: async (userId) => marks.has(userId),
    async check(signal) {
      signal.throwIfAborted();
    },
    async close() {
      marks.clear();
    },
  };
}
