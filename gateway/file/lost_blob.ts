import type { LostBlob } from "#db/blobs.ts";
import { findLostBlob } from "#db/lost_blob.ts";
import { mayHold } from "#lib/store/mod.ts";

import type { Context } from "../context.ts";

/** The drive's blob of a content, if every store that should have it has lost it: it takes the bytes of whoever brings them. */
export async function lostBlob({ catalog, stores, lifecycle }: Context, sha1: string): Promise<LostBlob | undefined> {
  return await findLostBlob(catalog.db, sha1, (place, size) => mayHold(stores, place, size, lifecycle.aborted));
}
