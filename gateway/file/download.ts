import contentDisposition from "content-disposition";

import type { StoredFile } from "#db/stored_file.ts";
import type { ByteRange } from "#lib/store/mod.ts";

import type { Context } from "../context.ts";
import { accelPath, holdFields, isPlain } from "./accel.ts";
import { byteRanges, contentRange } from "./byteranges.ts";
import { checkConditions, rangeApplies } from "./conditions.ts";
import { type Body, mustReach, openContent } from "./content.ts";
import { parseRanges } from "./ranges.ts";
import { mimeOf } from "./view.ts";

/** How the bytes of a file are shown, and by what they are sent. */
export interface Presentation {
  /** Media type. */
  type: string;
  /** Value of `Content-Disposition`. */
  disposition: string;
  /** What a browser that opens it by itself may do. */
  policy: string;
  /** What the front keeps to where it carries the bytes; 0 is no limit. */
  bytesPerSecond: number;
  /** Opens the answer's body of `length` bytes, where it has one that the front does not carry; may refuse to, and may watch over it. */
  carry: (open: () => Promise<Body>, length: number) => Promise<Body>;
  /**
   * Asked last of all, whoever sends them: whether these bytes may go out (`null` is the whole). Refuses by throwing. Not asked
   * where none go: of HEAD, and of what is answered otherwise.
   */
  admit: (ranges: ByteRange[] | null) => Promise<void>;
}

/**
 * Answers a GET or HEAD for a file's bytes: 200, 206, 304 or 416 (RFC 9110), with the ETag (its SHA-1),
 * `Repr-Digest` (RFC 9530) and a name (RFC 6266).
 *
 * @param isProxied whether a trusted proxy sent it: then the front carries the bytes, where it can reach them.
 * @throws {ElsewhereError}
 */
export async function download(
  ctx: Context,
  stored: StoredFile,
  request: Request,
  isProxied: boolean,
  as: Presentation = attachment(stored.file.name),
): Promise<Response> {
  const { file, blob } = stored;
  const validators = { etag: `"${file.sha1}"`, lastModified: file.uploadedAt };
  const headers = representationHeaders(stored, validators.etag, as);
  if (checkConditions(request.headers, validators) === "not-modified") return new Response(null, { status: 304, headers });
  // "A server MUST ignore a Range header field received with a request method […] for which range handling is not
  // defined. For this specification, GET is the only method for which range handling is defined." (RFC 9110, 14.2)
  const wantsRange = request.method === "GET" && rangeApplies(request.headers, validators);
  const ranges = wantsRange ? parseRanges(request.headers.get("range"), file.size) : null;
  const path =
    isProxied && file.size > 0 && isPlain(request, ranges, validators.etag) ? await accelPath(ctx, blob, request.headers) : null;
  if (path !== null) await as.admit(ranges);
  if (path !== null) return leaveToFront(ctx, path, ranges?.[0], { ...as, headers, size: file.size });
  // What needs no bytes is answered here; and an answer that has begun cannot be another gateway's any more.
  if (request.method !== "HEAD" && file.size > 0) mustReach(ctx, blob);
  const open = (range?: ByteRange) => openContent(ctx, blob, range, request.signal);
  return await answer(ctx, request.method === "HEAD", ranges, { ...as, headers, size: file.size, open });
}

/** To be kept under its name, and never shown as a part of the drive. */
export function attachment(name: string): Presentation {
  return {
    type: mimeOf(name),
    // RFC 6266, appendix D: `filename` in ASCII alone, since clients disagree on what else it may hold.
    disposition: contentDisposition(name, { fallback: name.replaceAll(/[^\x20-\x7e]/gu, "?") }),
    // What somebody uploaded must never run as a part of the drive, should a browser open it.
    policy: "sandbox; default-src 'none'",
    bytesPerSecond: 0,
    carry: (open) => open(),
    admit: async () => {},
  };
}

/** nginx sends the file or the object in place of this answer's body, and cuts the range out of it. */
function leaveToFront(
  ctx: Context,
  path: string,
  range: ByteRange | undefined,
  { headers, size, type, bytesPerSecond }: Omit<Representation, "open">,
) {
  headers.set("x-accel-redirect", path);
  headers.set("content-type", type);
  if (bytesPerSecond > 0) headers.set("x-accel-limit-rate", String(bytesPerSecond));
  // nginx says of a whole file on its own that it has ranges, and not of what a store sends.
  if (!range && !path.startsWith("/_object/")) headers.delete("accept-ranges");
  holdFields(headers);
  ctx.metrics.bytesOut(range?.length ?? size);
  return new Response(null, { status: range ? 206 : 200, headers });
}

interface Representation extends Pick<Presentation, "type" | "bytesPerSecond" | "carry" | "admit"> {
  headers: Headers;
  size: number;
  open: (range?: ByteRange) => Promise<Body>;
}

async function answer(ctx: Context, isHead: boolean, ranges: ByteRange[] | null, representation: Representation) {
  const { headers, size, type, open, carry, admit } = representation;
  // Bun answers a HEAD with length 0 when it is given a file: the length is told and no body.
  const send = async (status: number, length: number, body: () => Promise<Body>) => {
    headers.set("content-length", String(length));
    const sent = isHead || length === 0 ? null : await carry(body, length);
    if (!isHead) await admit(ranges).catch((error: unknown) => refuse(sent, error));
    if (!isHead) ctx.metrics.bytesOut(length);
    return new Response(sent, { status, headers });
  };
  const [first, ...others] = ranges ?? [];
  if (first && others.length > 0) {
    const several = byteRanges([first, ...others], size, type, open);
    headers.set("content-type", several.contentType);
    return await send(206, several.length, async () => several.body());
  }
  headers.set("content-type", type);
  if (!first) return await send(200, size, () => open());
  headers.set("content-range", contentRange(first, size));
  return await send(206, first.length, () => open(first));
}

/** Lets go of a body that was opened in vain. */
async function refuse(body: Body | null, error: unknown): Promise<never> {
  if (body instanceof ReadableStream) await body.cancel(error);
  throw error;
}

function representationHeaders({ file, blob }: StoredFile, etag: string, { disposition, policy }: Presentation): Headers {
  return new Headers({
    etag,
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    "content-disposition": disposition,
    "last-modified": new Date(file.uploadedAt).toUTCString(),
    "repr-digest": `sha-256=:${Buffer.from(blob.sha256, "hex").toString("base64")}:`,
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
  });
}
