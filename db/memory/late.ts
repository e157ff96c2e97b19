import { LRUCache } from "lru-cache";

import type { Catalog } from "../catalog.ts";
import type { ReadByKey } from "./read_by_key.ts";

/** How many answers are remembered at most: about 1 KB each. */
const maxAnswers = 4096;
/**
 * How long an answer is given, counted from when it was asked for. It may come from a replica, 2 s behind; those who changed
 * something within the last 5 s are never given it (see `Recency` beside this folder).
 */
const lifeMs = 500;

/**
 * Remembers answers for those who may read a replica: they are told what stood 2.5 s ago at most instead of 2. Whoever has
 * just written reads the primary. A read on MySQL takes 150 µs of this process, and as much of the server.
 */
export function lateMemory<T>(read: ReadByKey<T>) {
  const memories = new WeakMap<Catalog, LRUCache<string, { answer: T }>>();
  return async (catalog: Catalog, key: string, userId: string): Promise<T> => {
    if (!(await catalog.mayLag?.(userId))) return await read(catalog.db, key);
    const memory = memories.get(catalog) ?? new LRUCache<string, { answer: T }>({ max: maxAnswers, ttl: lifeMs });
    memories.set(catalog, memory);
    const known = memory.get(key);
    if (known !== undefined) return known.answer;
    const start = performance.now();
    const answer = await catalog.read(userId, (db) => read(db, key));
    memory.set(key, { answer }, { start });
    return answer;
  };
}
