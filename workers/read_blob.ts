import { placesOf } from "#db/copies.ts";
import type { BlobPlace } from "#db/stored_file.ts";
import { type ByteRange, readCopies } from "#lib/store/mod.ts";

import type { WorkerContext } from "./context.ts";

/**
 * The bytes of a stored blob, or a range of them, from whichever of its stores has them.
 *
 * @throws {AppError} `content-lost`, `unavailable`.
 */
export async function readBlob(
  { catalog, stores }: Pick<WorkerContext, "catalog" | "stores">,
  { id, store, key }: Pick<BlobPlace, "id" | "store"> & { key: string },
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Blob | ReadableStream<Uint8Array>> {
  return await readCopies(stores, { home: { store, key }, others: () => placesOf(catalog.db, id) }, range, signal);
}
