import type { BlobPlace } from "#db/files.ts";

import type { Context } from "../context.ts";

/** Content whose bytes somebody took from the spool is no longer held: uploaded the normal way, it is whole again. */
export async function isHeldWhole(
  ctx: Pick<Context, "node" | "spool">,
  { state, node, spoolId, size }: BlobPlace,
): Promise<boolean> {
  return state === "stored" || node !== ctx.node || (spoolId !== null && (await ctx.spool.has(spoolId, size)));
}
