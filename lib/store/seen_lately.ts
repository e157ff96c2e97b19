import { LRUCache } from "lru-cache";

import { mayHold } from "./may_hold.ts";
import type { Place } from "./read_copies.ts";
import type { Stores } from "./stores.ts";

/** How many objects are remembered at most. */
const maxObjects = 4096;
/** How long an object that was there is taken to be there still: as if it were lost only after that. */
const lifeMs = 2000;

const seen = new WeakMap<Stores, LRUCache<string, Promise<boolean>>>();

/**
 * `mayHold`, of a look that is two seconds old at most: many who ask for one object share a look, which takes a store a
 * thousand times as long as the rest of a small request. What was missing is looked for anew by each.
 *
 * For whoever wants to know whether bytes can be read, not for whoever is about to replace or to remove them.
 */
export async function seenLately(stores: Stores, place: Place, size: number, signal: AbortSignal): Promise<boolean> {
  const looks = seen.get(stores) ?? new LRUCache<string, Promise<boolean>>({ max: maxObjects, ttl: lifeMs });
  seen.set(stores, looks);
  const object = `${stores.nameOf(place.store)}/${place.key}/${size}`;
  // A look that failed is nobody's but theirs who began it: they may have gone, and it with them.
  const begun = looks.get(object);
  const known = begun && (await begun.catch(() => undefined));
  if (known !== undefined) return known;
  const look = mayHold(stores, place, size, signal);
  looks.set(object, look);
  let isThere = false;
  try {
    return (isThere = await look);
  } finally {
    if (!isThere && looks.peek(object) === look) looks.delete(object);
  }
}
