import { isAppError } from "#lib/errors/mod.ts";

import type { Catalog, Queries } from "./catalog.ts";

/**
 * As many may share a transaction: few numbers, since a statement is prepared for each, and near enough to each other that few are
 * left over. All of them wait for the last, so no more than that.
 */
const sizes = [32, 24, 16, 12, 8, 6, 4, 3, 2];
/** As many transactions are under way at a time: while one waits for the disk, the next is sent. */
const lanes = 2;

/** Two ways to do a thing, to the same end. */
export interface Ways<I, O> {
  /** For one, by a statement of its own. */
  one: (catalog: Catalog, item: I) => Promise<O>;
  /** For all of them, or for none by throwing: then each is done by itself, which tells what is wrong with whom. */
  many: (tx: Queries, items: I[]) => Promise<O[]>;
}

interface Waiting<I, O> {
  item: I;
  resolve: (outcome: O) => void;
  reject: (reason: unknown) => void;
}

/**
 * Does a thing for many who ask at once: who finds nobody before them is served now and alone; those who come meanwhile
 * share a transaction, and each is told once it is committed. A commit of MySQL costs several times what a row does, on the
 * primary and on every replica. An engine whose writes share commits anyhow does each by itself.
 */
export function together<I, O>(ways: Ways<I, O>): (catalog: Catalog, item: I) => Promise<O> {
  const lines = new WeakMap<Catalog, ReturnType<typeof createLine<I, O>>>();
  return (catalog, item) => {
    if (catalog.sharesCommits) return ways.one(catalog, item);
    let line = lines.get(catalog);
    if (line === undefined) lines.set(catalog, (line = createLine(catalog, ways)));
    return line(item);
  };
}

function createLine<I, O>(catalog: Catalog, { one, many }: Ways<I, O>): (item: I) => Promise<O> {
  const waiting: Waiting<I, O>[] = [];
  let atWork = 0;

  async function serve(): Promise<void> {
    atWork++;
    while (waiting.length > 0) await serveSome(waiting.splice(0, sizes.find((size) => size <= waiting.length) ?? 1));
    atWork--;
  }

  async function serveSome(some: Waiting<I, O>[]): Promise<void> {
    if (some.length === 1) return await serveEach(some);
    try {
      const items = some.map(({ item }) => item);
      const outcomes = await catalog.transaction((tx) => many(tx, items));
      for (const [i, { resolve }] of some.entries()) resolve(outcomes[i]!);
    } catch (error) {
      // Where it is not known whether it was done, nobody may do it again.
      if (!isAppError(error, "unavailable")) return await serveEach(some);
      // Nor shall those behind wait their turn to hear, one lot after the other, that the engine is away.
      for (const { reject } of [...some, ...waiting.splice(0)]) reject(error);
    }
  }

  async function serveEach(some: Waiting<I, O>[]): Promise<void> {
    await Promise.all(some.map(({ item, resolve, reject }) => one(catalog, item).then(resolve, reject)));
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<O>();
    waiting.push({ item, resolve, reject });
    if (atWork < lanes) void serve();
    return promise;
  };
}
