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

  async function readInto(memory: LRUCache<string, { answer: T }>, catalog: Catalog, key: string, userId: string): Promise<T> {
    const start = performance.now();
    const answer = await catalog.read(userId, (db) => read(db, key));
    memory.set(key, { answer }, { start });
    return answer;
  }

  function remember(mayLag: boolean, catalog: Catalog, key: string, userId: string): T | Promise<T> {
    if (!mayLag) return read(catalog.db, key);
    let memory = memories.get(catalog);
    if (memory === undefined) memories.set(catalog, (memory = new LRUCache({ max: maxAnswers, ttl: lifeMs })));
    const known = memory.get(key);
    return known === undefined ? readInto(memory, catalog, key, userId) : known.answer;
  }

  // At once where all is known, for that is most of what is asked.
  return (catalog: Catalog, key: string, userId: string): T | Promise<T> => {
    const mayLag = catalog.mayLag?.(userId) ?? false;
    if (mayLag instanceof Promise) return mayLag.then((may) => remember(may, catalog, key, userId));
    return remember(mayLag, catalog, key, userId);
  };
}
