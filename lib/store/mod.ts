/**
 * Stores: where bytes end up, as objects under keys that are never changed once put.
 *
 * ```ts
 * const stores = await openStores({ url: config.STORE_URL, stores: config.STORES, policy: config.STORE_POLICY, dataDir, onAway });
 * const { store } = stores.first;
 * await store.put("da/39/da39a3ee…-01J…", { path, size, sha256 }, signal);
 * return new Response(await store.get("da/39/da39a3ee…-01J…", { offset: 0, length: 10 }, signal));
 * ```
 */
export { diskStore } from "./disk.ts";
export { mayHold } from "./may_hold.ts";
export { openStore, type StoreOptions } from "./open.ts";
export { openStores, type StoresOptions } from "./open_stores.ts";
export { digestSpans } from "./s3/digest_spans.ts";
export type { ByteRange, ListedObject, ListOptions, PutSource, SignedUrlOptions, Store, StoredObject } from "./port.ts";
export { type Place, readCopies } from "./read_copies.ts";
export { seenLately } from "./seen_lately.ts";
export { createStores, type NamedStore, type Stores } from "./stores.ts";
