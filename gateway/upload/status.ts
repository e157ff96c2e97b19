import { fetchById } from "#db/fetches.ts";
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
  ctx: Pick<Context, "node" | "progress" | "catalog">,
  upload: Upload,
  look: typeof receivedOf = receivedOf,
): Promise<StatusView> {
  if (upload.state === "fetching") return await fetchStatus(ctx, upload);
  const { received, missing } = await chunksOf(ctx, upload, look);
  return {
    uploadId: upload.id,
    name: upload.name,
    size: upload.size,
    state: upload.state,
    received,
    chunkCount: upload.chunkCount,
    percent: isBroken(upload) ? 0 : upload.chunkCount === 0 ? 100 : Math.floor((100 * received) / upload.chunkCount),
    missing,
    ...(upload.fileId === null ? {} : { fileId: upload.fileId }),
    ...(upload.error === null ? {} : { error: upload.error }),
  };
}

/** Whether it failed before all of it was there: a fetch did, for only a merge finds these two. */
function isBroken({ state, error }: Upload): boolean {
  return state === "failed" && error !== "sha1-mismatch" && error !== "sha1-collision";
}

/** Of a transfer that is under way elsewhere the rows tell how far it is, so that any gateway can say it. */
async function fetchStatus({ catalog }: Pick<Context, "catalog">, { id, name, chunkSize }: Upload): Promise<StatusView> {
  const { length, received: bytes } = (await fetchById(catalog.db, id)) ?? { length: null, received: 0 };
  const size = length ?? bytes;
  return {
    uploadId: id,
    name,
    size,
    state: "fetching",
    received: Math.floor(bytes / chunkSize),
    chunkCount: length === null ? 0 : Math.ceil(length / chunkSize),
    percent: length === null ? 0 : Math.floor((100 * bytes) / Math.max(1, length)),
    missing: [],
    bytes,
  };
}

async function chunksOf(ctx: Pick<Context, "node" | "progress">, upload: Upload, look: typeof receivedOf) {
  const { state, chunkCount } = upload;
  // Once closed it had them all; what a cancelled one had is gone.
  if (state === "cancelled" || isBroken(upload)) return { received: 0, missing: [] };
  if (state !== "open") return { received: chunkCount, missing: [] };
  const chunks = await look(ctx, upload);
  return { received: chunks.size, missing: chunks.missing() };
}
