import type { Catalog } from "../catalog.ts";
import type { ReadByKey } from "./read_by_key.ts";

/** How many answers are remembered at most: about 1 KB each. */
const maxAnswers = 4096;

interface Memory<T> {
  version: number;
  answers: Map<string, T>;
}

/**
 * Remembers answers until anything at all is committed to the catalog, by whomever: so what it says is what the engine
 * would say now. It answers at once where it remembers.
 *
 * A prepared read of one row takes 6 µs on SQLite, most of them drizzle's, and twice that in a gateway under load.
 */
export function exactMemory<T>(read: ReadByKey<T>) {
  const memories = new WeakMap<Catalog, Memory<T>>();
  /** @param version what {@link Catalog.version} says now. */
  return (catalog: Catalog, key: string, version: number): T | Promise<T> => {
    let memory = memories.get(catalog);
    if (memory?.version !== version || memory.answers.size >= maxAnswers) {
      memories.set(catalog, (memory = { version, answers: new Map() }));
    }
    const known = memory.answers.get(key);
    return known === undefined ? readInto(memory.answers, key, read(catalog.db, key)) : known;
  };
}

/** The answer goes to the memory that was there when it was asked for: if that is dropped meanwhile, so is it. */
async function readInto<T>(answers: Map<string, T>, key: string, reading: Promise<T>): Promise<T> {
  const answer = await reading;
  answers.set(key, answer);
  return answer;
}
