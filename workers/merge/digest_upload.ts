import type { Upload } from "#db/uploads.ts";
import type { SpanDigest } from "#lib/bytes/mod.ts";
import { mediaTypeOf } from "#lib/placement/mod.ts";
import { type ByteRange, digestSpans } from "#lib/store/mod.ts";

import type { WorkerContext } from "../context.ts";
import { digest } from "./digest.ts";
import type { Digest } from "./digest_file.ts";

/** What an upload's bytes are. */
export interface UploadDigest extends Digest {
  /** Of the spans that the store will want, where push is about to put them. */
  spans: SpanDigest[];
}

/**
 * Reads the bytes of an upload for all that is to be known of them. What the store will want of its parts is computed beside
 * the digest of the whole, in a thread of its own: so push has it at hand, and what it sends is what was verified here.
 *
 * @throws as {@link digest} does.
 */
export async function digestUpload(ctx: WorkerContext, upload: Upload, signal: AbortSignal): Promise<UploadDigest> {
  const path = ctx.spool.path(upload.id);
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  try {
    const [whole, spans] = await Promise.all([
      digest({ ...upload, path }, stop, () => ctx.fault("merge.mid-hash")),
      digestSpans(path, spansWanted(ctx, upload), stop),
    ]);
    return { ...whole, spans };
  } finally {
    // Where one has failed, nobody waits for the other.
    failed.abort();
  }
}

function spansWanted({ stores }: WorkerContext, { name, size }: Upload): ByteRange[] {
  // By what push goes by, as far as that is known: what it finds to be otherwise, it computes itself.
  const [place = null] = stores.place({ name, size, type: mediaTypeOf(name) });
  return stores.named(place).spansToDigest(size);
}
