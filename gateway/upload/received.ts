import type { Upload } from "#db/uploads.ts";
import type { ChunkSet } from "#lib/progress/mod.ts";

import type { Context } from "../context.ts";
import { mustBeHere } from "../peers/mod.ts";

/**
 * The chunks of an open upload that are there, to be shown.
 *
 * @throws {ElsewhereError} when the log that tells lies beside another gateway.
 */
export async function receivedOf(
  ctx: Pick<Context, "node" | "progress">,
  { id, node, chunkCount }: Pick<Upload, "id" | "node" | "chunkCount">,
): Promise<ChunkSet> {
  mustBeHere(ctx, node);
  return await ctx.progress.received(id, chunkCount);
}
