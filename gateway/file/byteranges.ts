import { streamOf } from "#lib/bytes/mod.ts";
import type { ByteRange } from "#lib/store/mod.ts";

import type { Body } from "./content.ts";

/** Several ranges of one representation, as one body. */
export interface ByteRanges {
  contentType: string;
  /** Length of the whole body, bytes. */
  length: number;
  body: () => ReadableStream<Uint8Array>;
}

/**
 * A `multipart/byteranges` body (RFC 9110, section 14.6). Each range is opened only when its turn comes.
 *
 * @param open gives the bytes of one range.
 */
export function byteRanges(
  ranges: ByteRange[],
  size: number,
  type: string,
  open: (range: ByteRange) => Promise<Body>,
): ByteRanges {
  const boundary = crypto.randomUUID();
  const encoder = new TextEncoder();
  const parts = ranges.map((range) => ({
    range,
    head: encoder.encode(`\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`),
  }));
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);
  async function* generate() {
    for (const { range, head } of parts) {
      yield head;
      const body = await open(range);
      yield* body instanceof Blob ? body.stream() : body;
    }
    yield tail;
  }
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    length: parts.reduce((sum, { range, head }) => sum + head.byteLength + range.length, tail.byteLength),
    body: () => streamOf(generate()),
  };
}

/** The value of `Content-Range` for a range of a file of `size` bytes. */
export function contentRange({ offset, length }: ByteRange, size: number): string {
  return `bytes ${offset}-${offset + length - 1}/${size}`;
}
