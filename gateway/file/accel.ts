import { relative, resolve } from "node:path";

import type { BlobPlace } from "#db/stored_file.ts";
import { isId } from "#lib/id/mod.ts";
import type { ByteRange, Store } from "#lib/store/mod.ts";

import type { Context } from "../context.ts";

/** A signed URL is used at once, by nginx; this is for clocks that differ. */
const signedForMs = 5 * 60_000;

/**
 * Where the front finds the bytes itself: a path for `X-Accel-Redirect`, or `null` where the gateway has to send them.
 *
 * The front says what it can reach with each request, in fields that it takes from nobody: `X-Accel-Nodes` names the nodes
 * whose data folders it can read (any node's, not only this one's), `X-Accel-Store` the stores that it can reach: origins, and
 * folders as `file:///srv/hot`, comma-separated; the answer names one by its place in that list. So there is nothing to configure here, and nothing that could be configured otherwise than there.
 *
 * @param said the header of a request that came from a trusted proxy.
 */
export async function accelPath(
  ctx: Pick<Context, "stores" | "node" | "config" | "now">,
  blob: BlobPlace,
  said: Headers,
): Promise<string | null> {
  const nodes = said.get("x-accel-nodes")?.split(",") ?? [];
  if (blob.state === "stored" && blob.key !== null) {
    const store = storeOf(ctx, blob.store);
    const reachable = said.get("x-accel-store")?.split(",") ?? [];
    const path = store?.path(blob.key) ?? null;
    if (path === null) return store ? await objectPath(ctx, store, blob.key, reachable) : null;
    return (nodes.includes(ctx.node) ? storedPath(ctx, path) : null) ?? sharedPath(path, reachable);
  }
  const { node, spoolId } = blob;
  if (node === null || spoolId === null || !isId(spoolId) || !nodes.includes(node)) return null;
  return `/_accel/${node}/spool/${spoolId}.data`;
}

/** An object in the data folder; one that is kept elsewhere is none that the front can read. */
function storedPath({ node, config }: Pick<Context, "node" | "config">, path: string): string | null {
  const inFolder = relative(resolve(config.DATA_DIR), path);
  return /^store\/[0-9a-z/_.-]+$/i.test(inFolder) ? `/_accel/${node}/${inFolder}` : null;
}

/** One that was away just now, or that nobody knows, is the gateway's to deal with: it may have the bytes from another. */
function storeOf({ stores }: Pick<Context, "stores">, name: string | null): Store | undefined {
  const known = stores.all.find((store) => store.name === stores.nameOf(name));
  return known && !stores.isAway(known.name) ? known.store : undefined;
}

/** A file in a folder that the front reads as it is: on its own machine, or shared, under the same path here and there. */
function sharedPath(path: string, reachable: string[]): string | null {
  const at = reachable.findIndex((entry) => entry.startsWith("file:///") && path.startsWith(`${entry.slice("file://".length)}/`));
  const inFolder = path.slice((reachable[at]?.length ?? 0) - "file://".length + 1);
  return at >= 0 && /^[0-9a-z/_.-]+$/i.test(inFolder) ? `/_object/${at}/${inFolder}` : null;
}

async function objectPath({ now }: Pick<Context, "now">, store: Store, key: string, reachable: string[]) {
  if (reachable.length === 0) return null;
  // What the object is called and is, the gateway's own header says.
  const kind = { contentType: "application/octet-stream", contentDisposition: "attachment" };
  const signed = await store.signedUrl(key, { expiresAt: now() + signedForMs, ...kind });
  const url = signed === null ? null : new URL(signed);
  const at = reachable.indexOf(url?.origin ?? "none");
  return url !== null && at >= 0 ? `/_object/${at}${url.pathname}${url.search}` : null;
}

/**
 * Whether nginx answers a request for bytes as the gateway would. Rare ones are left to the gateway: conditions that nginx would
 * judge by validators of its own, several ranges, and ranges that nginx reads otherwise (it answers 416 where RFC 9110 has a
 * malformed one ignored).
 *
 * @param ranges what the `Range` header came to, as `parseRanges` has it.
 */
export function isPlain({ method, headers }: Request, ranges: ByteRange[] | null, etag: string): boolean {
  if (method !== "GET" || headers.has("if-match") || headers.has("if-unmodified-since")) return false;
  const range = headers.get("range");
  if (range === null) return true;
  // nginx compares an `If-Range` with the ETag or date that the gateway said, but for forms of it that are seldom seen.
  const ifRange = headers.get("if-range");
  const isKnown = ifRange === null || ifRange === etag || !ifRange.includes('"');
  return isKnown && ranges?.length === 1 && /^bytes=(\d{1,15}-\d{0,15}|-\d{1,15})$/i.test(range);
}

/**
 * Gives fields of an answer names of their own (`X-Held-…`), which the front turns back. Under their own nginx would keep them
 * for whatever it answers in the end: also where it finds nothing, asks the gateway again, and is told something else.
 */
export function holdFields(headers: Headers): void {
  for (const name of ["accept-ranges", "cache-control", "content-disposition", "content-type"]) {
    const value = headers.get(name);
    headers.delete(name);
    if (value !== null) headers.set(`x-held-${name}`, value);
  }
}
