import { createStores, type Store, type Stores } from "#lib/store/mod.ts";

/** The stores of a drive that has one, with another store in its place. */
export function inPlaceOf({ first }: Stores, store: Partial<Store>): Stores {
  return createStores([{ name: first.name, store: { ...first.store, ...store } }], [], true);
}
