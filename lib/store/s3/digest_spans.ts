import type { SpanDigest } from "../../bytes/mod.ts";
import type { ByteRange } from "../port.ts";
import { partDigests } from "./part_digests.ts";

/**
 * Hashes spans of a file, in a thread of its own: for `PutSource.digests`.
 *
 * @throws {Error} when the file cannot be read, or the signal's reason.
 */
export async function digestSpans(path: string, spans: ByteRange[], signal: AbortSignal): Promise<SpanDigest[]> {
  using digests = partDigests(path);
  return await Promise.all(spans.map(async (span) => ({ ...span, md5: await digests.md5(span, signal) })));
}
