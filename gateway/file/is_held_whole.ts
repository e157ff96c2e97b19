import type { BlobPlace } from "#db/stored_file.ts";
import { seenLately } from "#lib/store/mod.ts";

import type { Context } from "../context.ts";
import { lostBlob } from "./lost_blob.ts";

/**
 * Whether the bytes of a content are where its row says: what somebody took from the spool, or what a store has lost, is no
 * longer held. Uploaded the normal way, it is whole again.
 */
export async function isHeldWhole(ctx: Context, blob: BlobPlace, sha1: string): Promise<boolean> {
  const { state, node, spoolId, size, store, key } = blob;
  if (state === "stored") {
    const isHome = key !== null && (await seenLately(ctx.stores, { store, key }, size, ctx.lifecycle.aborted));
    return isHome || (await lostBlob(ctx, sha1)) === undefined;
  }
  return node !== ctx.node || (spoolId !== null && (await ctx.spool.has(spoolId, size)));
}
