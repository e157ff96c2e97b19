import type { Upload } from "#db/uploads.ts";
import type { ChunkSet } from "#lib/progress/mod.ts";

import type { Context } from "../context.ts";
import { mustBeHere } from "../peers/mod.ts";

type Ctx = Pick<Context, "node" | "progress">;
type OpenUpload = Pick<Upload, "id" | "node" | "chunkCount">;

/**
 * The chunks of an open upload that are known to be there, for whoever only watches: of another node's those that it last
 * told of.
 *
 * @throws {ElsewhereError} when nothing is known here.
 */
export async function receivedAsKnown(ctx: Ctx, upload: OpenUpload): Promise<ChunkSet> {
  const known = upload.node === ctx.node ? null : await ctx.progress.peek(upload.id, upload.chunkCount);
  return known ?? (await receivedOf(ctx, upload));
}

/**
 * The chunks of an open upload that are there, to be shown.
 *
 * @throws {ElsewhereError} when the log that tells lies beside another gateway.
 */
export async function receivedOf(ctx: Ctx, { id, node, chunkCount }: OpenUpload): Promise<ChunkSet> {
  mustBeHere(ctx, node);
  return await ctx.progress.received(id, chunkCount);
}
