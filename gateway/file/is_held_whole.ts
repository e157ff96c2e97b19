import type { BlobPlace } from "#db/stored_file.ts";

import type { Context } from "../context.ts";
import { lostBlob } from "./lost_blob.ts";

/**
 * Whether the bytes of a content are where its row says: what somebody took from the spool, or what a store has lost, is no
 * longer held. Uploaded the normal way, it is whole again.
 */
export async function isHeldWhole(ctx: Context, { state, node, spoolId, size }: BlobPlace, sha1: string): Promise<boolean> {
  if (state === "stored") return (await lostBlob(ctx, sha1)) === undefined;
  return node !== ctx.node || (spoolId !== null && (await ctx.spool.has(spoolId, size)));
}
