import type { Upload } from "#db/uploads.ts";

import type { Context } from "../context.ts";
import { receivedOf } from "./received.ts";
import type { StatusView } from "./schema.ts";

/**
 * An upload as the API shows it: its row, and while it is open the chunks that are there.
 *
 * @param look how these are found: exactly, by default.
 * @throws {ElsewhereError} when it is open and another gateway has to be asked for these.
 */
export async function statusOf(
  ctx: Pick<Context, "node" | "progress">,
  upload: Upload,
  look: typeof receivedOf = receivedOf,
): Promise<StatusView> {
  const { received, missing } = await chunksOf(ctx, upload, look);
  return {
    uploadId: upload.id,
    name: upload.name,
    size: upload.size,
    state: upload.state,
    received,
    chunkCount: upload.chunkCount,
    percent: upload.chunkCount === 0 ? 100 : Math.floor((100 * received) / upload.chunkCount),
    missing,
    ...(upload.fileId === null ? {} : { fileId: upload.fileId }),
    ...(upload.error === null ? {} : { error: upload.error }),
  };
}

async function chunksOf(ctx: Pick<Context, "node" | "progress">, upload: Upload, look: typeof receivedOf) {
  const { state, chunkCount } = upload;
  // Once closed it had them all; what a cancelled one had is gone.
  if (state === "cancelled") return { received: 0, missing: [] };
  if (state !== "open") return { received: chunkCount, missing: [] };
  const chunks = await look(ctx, upload);
  return { received: chunks.size, missing: chunks.missing() };
}
