import type { Catalog } from "./catalog.ts";
import { exactMemory } from "./memory/exact.ts";
import { lateMemory } from "./memory/late.ts";
import type { ReadByKey } from "./memory/read_by_key.ts";

/**
 * A read whose answers are remembered, as long as the engine of the catalog would not answer otherwise: where it tells what
 * was committed, until anything is (see {@link exactMemory}); where it has replicas, for those who may read them, half a
 * second (see {@link lateMemory}); else not at all.
 *
 * Not for one who has just learned, in some other way (a file that is gone), what another process must have committed
 * before: that may have been in this very turn of the event loop (see {@link Catalog.version}).
 *
 * @param read what it gives is shared by all who ask: freeze it.
 */
export function remembered<T>(read: ReadByKey<T>) {
  const [exact, late] = [exactMemory(read), lateMemory(read)];
  /** @param userId on whose behalf it is read, where a replica will do (see {@link Catalog.read}). */
  return (catalog: Catalog, key: string, userId?: string): T | Promise<T> => {
    const version = catalog.version?.();
    if (version !== undefined) return exact(catalog, key, version);
    return userId === undefined ? read(catalog.db, key) : late(catalog, key, userId);
  };
}
