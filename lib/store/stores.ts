import { AppError } from "../errors/mod.ts";
import { type Placed, placesIn, type Policy } from "../placement/mod.ts";
import type { Store } from "./port.ts";

/** A store and what it is called in rules and rows. */
export interface NamedStore {
  name: string;
  store: Store;
}

/** The stores of a drive. What is in one of them, a row says by its name. */
export interface Stores {
  /** In the order of `STORES`. */
  readonly all: readonly NamedStore[];
  /** Where goes what no rule is for. */
  readonly first: NamedStore;
  /**
   * The store that a row names.
   * @throws {AppError} `unavailable` for a name that stands nowhere in the configuration: its bytes are not lost, only out of
   * reach until somebody names their store again.
   */
  named(name: string | null): Store;
  /** What {@link Stores.all} calls the store that a row names; another name is given back as it is. */
  nameOf(name: string | null): string;
  /** Where new bytes are to be kept, one name or more: read from the first, as long as that can be. */
  place(what: Placed): string[];
  /** Notes that a store was just found to be away. */
  noteAway(name: string): void;
  /** @throws {AppError} `unavailable` where one of several stores was, a few seconds ago: no job is to wait for it all the same. */
  mustNotBeAway(name: string): void;
  /** Whether it was, a few seconds ago: who has another copy asks for that one first. */
  isAway(name: string): boolean;
  /** Closes all of them. */
  close(): Promise<void>;
}

/** How long a store that was away is asked last. */
const awayMs = 5000;

/** What the `store` column said of the only store before stores had names: its engine's name. */
const engineNames = new Set(["disk", "s3", "oss"]);

/**
 * @param all one or more, each with a name of its own.
 * @param isUnnamed whether it is one store that nobody gave a name: then it is meant by the names of all engines, since that is
 * what rows said of whatever `STORE_URL` led to.
 */
export function createStores(all: NamedStore[], policy: Policy, isUnnamed = false): Stores {
  const [first] = all;
  if (first === undefined) throw new RangeError("a drive needs a store");
  const byName = new Map(all.map(({ name, store }) => [name, store]));
  const awayUntil = new Map<string, number>();
  const nameOf = (name: string | null) => (name === null || (isUnnamed && engineNames.has(name)) ? first.name : name);
  return {
    all,
    first,
    nameOf,
    named(name) {
      const store = byName.get(nameOf(name));
      if (store !== undefined) return store;
      const names = [...byName.keys()].join(", ");
      throw new AppError("unavailable", `the bytes lie in the store ${JSON.stringify(name)}, and STORES names only ${names}`, {
        retryAfterSeconds: 60,
      });
    },
    place(what) {
      const places = placesIn(policy, what);
      return places.length > 0 ? places : [first.name];
    },
    noteAway: (name) => void awayUntil.set(name, performance.now() + awayMs),
    mustNotBeAway(name) {
      // Where there is but one, there is nothing better to do than to wait for it.
      if (all.length === 1 || (awayUntil.get(name) ?? 0) <= performance.now()) return;
      throw new AppError("unavailable", `the store ${name} was away just now`, { retryAfterSeconds: 5 });
    },
    isAway: (name) => (awayUntil.get(name) ?? 0) > performance.now(),
    async close() {
      await Promise.all(all.map(({ store }) => store.close()));
    },
  };
}
