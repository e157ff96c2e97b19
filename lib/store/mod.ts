/**
 * Stores: where bytes end up, as objects under keys that are never changed once put.
 *
 * ```ts
 * const store = await openStore({ url: config.STORE_URL, dataDir: config.DATA_DIR });
 * await store.put("da/39/da39a3ee…-01J…", { path, size, sha256 }, signal);
 * return new Response(await store.get("da/39/da39a3ee…-01J…", { offset: 0, length: 10 }, signal));
 * ```
 */
export { diskStore } from "./disk.ts";
export { openStore, type StoreOptions } from "./open.ts";
export type { ByteRange, PutSource, SignedUrlOptions, Store, StoredObject } from "./port.ts";
