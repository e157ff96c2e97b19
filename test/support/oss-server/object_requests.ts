import type { Address } from "./address.ts";
import type { Bucket } from "./bucket.ts";
import type { Fault } from "./faults.ts";
import type { StoredObject } from "./objects.ts";
import { OssError } from "./oss_error.ts";
import { rangeOf } from "./range.ts";
import { receive } from "./receive.ts";

/** A request for one object (or one upload of it) of a bucket that is there. */
export interface Asked {
  bucket: Bucket;
  key: string;
  address: Address;
  request: Request;
  fault: Fault | undefined;
}

/** Of what a client says of an object, the server keeps these. */
export function keptHeaders({ headers }: Address): Record<string, string> {
  const isKept = (name: string) => name === "content-type" || name.startsWith("x-oss-meta-");
  return Object.fromEntries([...headers].filter(([name]) => isKept(name)));
}

/** PutObject. */
export async function putObject({ bucket, key, address, request, fault }: Asked): Promise<Response> {
  const draft = await bucket.objects.draft();
  const received = await receive(request, draft, fault);
  await bucket.objects.keep(draft, { key, ...received, modifiedAt: bucket.now(), headers: keptHeaders(address) });
  return new Response(null, { headers: { etag: received.etag, "x-oss-hash-crc64ecma": received.crc64 } });
}

/** GetObject, with one range. */
export async function getObject({ bucket, key, address }: Asked): Promise<Response> {
  const object = await existing(bucket, key);
  const bytes = Bun.file(bucket.objects.path(object));
  const headers = { ...headersOf(object), ...overridden(address) };
  const range = rangeOf(address.headers, object.size);
  if (range === null) return new Response(bytes, { headers });
  if (range === "unsatisfiable") throw new OssError(416, "InvalidRange", "The requested range cannot be satisfied");
  const contentRange = { "content-range": `bytes ${range.from}-${range.to}/${object.size}` };
  return new Response(bytes.slice(range.from, range.to + 1), { status: 206, headers: { ...headers, ...contentRange } });
}

/** HeadObject. */
export async function headObject({ bucket, key }: Asked): Promise<Response> {
  const object = await existing(bucket, key);
  return new Response(null, { headers: { ...headersOf(object), "content-length": String(object.size) } });
}

/** DeleteObject: "If the object does not exist, 204 is returned all the same". */
export async function deleteObject({ bucket, key }: Asked): Promise<Response> {
  await bucket.objects.remove(key);
  return new Response(null, { status: 204 });
}

async function existing({ objects }: Bucket, key: string): Promise<StoredObject> {
  const object = await objects.find(key);
  if (object !== null) return object;
  throw new OssError(404, "NoSuchKey", "The specified key does not exist.", { Key: key });
}

function headersOf({ headers, etag, crc64, modifiedAt }: StoredObject): Record<string, string> {
  return {
    "content-type": "application/octet-stream",
    ...headers,
    etag,
    "x-oss-hash-crc64ecma": crc64,
    "last-modified": new Date(modifiedAt).toUTCString(),
    "accept-ranges": "bytes",
  };
}

/** "response-content-type" and its like, which a GET may say in its query, where they are signed. */
function overridden({ query }: Address): Record<string, string> {
  const names = [...query.keys()].filter((name) =>
    /^response-(content-(type|disposition|language|encoding)|cache-control)$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name.slice("response-".length), query.get(name) ?? ""]));
}
