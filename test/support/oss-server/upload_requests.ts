import { open } from "node:fs/promises";

import { createCRC64 } from "hash-wasm";

import type { Bucket } from "./bucket.ts";
import { type Asked, keptHeaders } from "./object_requests.ts";
import { OssError } from "./oss_error.ts";
import { receive } from "./receive.ts";
import type { Part, Upload } from "./uploads.ts";
import { element, xmlResponse } from "./xml.ts";

/** "Each part except the last one must be at least 100 KB". */
const leastPartBytes = 102_400;

/** InitiateMultipartUpload. */
export async function beginUpload({ bucket, key, address }: Asked): Promise<Response> {
  const { id } = await bucket.uploads.begin({ key, initiatedAt: bucket.now(), headers: keptHeaders(address) });
  const children = [element("Bucket", bucket.name), element("Key", key), element("UploadId", id)];
  return xmlResponse(element("InitiateMultipartUploadResult", children.join("")));
}

/** UploadPart. "OSS does not verify part sizes during UploadPart." */
export async function putPart(asked: Asked): Promise<Response> {
  const { bucket, request, address, fault } = asked;
  const { id } = await uploadOf(asked);
  const number = Number(address.query.get("partNumber"));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new OssError(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive.");
  }
  const draft = bucket.uploads.draft(id);
  const received = await receive(request, draft, fault);
  await bucket.uploads.keep(id, draft, { number, ...received, modifiedAt: bucket.now() });
  return new Response(null, { headers: { etag: received.etag, "x-oss-hash-crc64ecma": received.crc64 } });
}

/** ListParts. */
export async function listParts(asked: Asked): Promise<Response> {
  const { bucket, key, address } = asked;
  const { id } = await uploadOf(asked);
  const max = Math.min(Number(address.query.get("max-parts") ?? 1000), 1000);
  const after = Number(address.query.get("part-number-marker") ?? 0);
  const rest = (await bucket.uploads.parts(id)).filter(({ number }) => number > after);
  const page = rest.slice(0, max);
  const children = [
    element("Bucket", bucket.name),
    element("Key", key),
    element("UploadId", id),
    element("NextPartNumberMarker", page.at(-1)?.number ?? 0),
    element("MaxParts", max),
    element("IsTruncated", rest.length > page.length),
    ...page.map(partElement),
  ];
  return xmlResponse(element("ListPartsResult", children.join("")));
}

function partElement({ number, modifiedAt, etag, size, crc64 }: Part): string {
  const children = {
    PartNumber: number,
    LastModified: new Date(modifiedAt).toISOString(),
    ETag: etag,
    HashCrc64ecma: crc64,
    Size: size,
  };
  return element(
    "Part",
    Object.entries(children)
      .map(([name, content]) => element(name, content))
      .join(""),
  );
}

/** CompleteMultipartUpload: order, ETags and sizes are checked only now. */
export async function completeUpload(asked: Asked): Promise<Response> {
  const { bucket, key, request } = asked;
  const upload = await uploadOf(asked);
  const parts = chosenParts(await request.text(), await bucket.uploads.parts(upload.id));
  const { draft, crc64 } = await concatenate(bucket, upload, parts);
  const md5 = new Bun.CryptoHasher("md5")
    .update(parts.map(({ etag }) => etag).join(""))
    .digest("hex")
    .toUpperCase();
  const object = { etag: `"${md5}-${parts.length}"`, crc64, size: parts.reduce((sum, { size }) => sum + size, 0) };
  await bucket.objects.keep(draft, { key, ...object, modifiedAt: bucket.now(), headers: upload.headers });
  await bucket.uploads.end(upload.id);
  const children = [element("Bucket", bucket.name), element("Key", key), element("ETag", object.etag)];
  const headers = { etag: object.etag, "x-oss-hash-crc64ecma": crc64 };
  return xmlResponse(element("CompleteMultipartUploadResult", children.join("")), headers);
}

function chosenParts(xml: string, held: Part[]): Part[] {
  const told = [...xml.matchAll(/<Part>\s*<PartNumber>(\d+)<\/PartNumber>\s*<ETag>([^<]*)<\/ETag>\s*<\/Part>/g)];
  if (told.length === 0) throw new OssError(400, "MalformedXML", "The XML you provided was not well-formed.");
  const chosen = told.map(([, number, etag = ""]) => {
    const part = held.find((each) => each.number === Number(number));
    if (part?.etag === etag.replaceAll("&quot;", '"')) return part;
    throw new OssError(400, "InvalidPart", `Part ${number} could not be found or has another entity tag.`);
  });
  const isOrdered = chosen.every(({ number }, at) => at === 0 || number > (chosen[at - 1]?.number ?? 0));
  if (!isOrdered) throw new OssError(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
  if (chosen.slice(0, -1).every(({ size }) => size >= leastPartBytes)) return chosen;
  throw new OssError(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.");
}

async function concatenate(bucket: Bucket, { id }: Upload, parts: Part[]): Promise<{ draft: string; crc64: string }> {
  const draft = await bucket.objects.draft();
  const crc64 = (await createCRC64()).init();
  await using file = await open(draft, "w");
  for (const part of parts) {
    for await (const piece of Bun.file(bucket.uploads.path(id, part)).stream()) {
      crc64.update(piece);
      await file.write(piece);
    }
  }
  return { draft, crc64: BigInt(`0x${crc64.digest()}`).toString() };
}

/** AbortMultipartUpload. */
export async function abortUpload(asked: Asked): Promise<Response> {
  const { id } = await uploadOf(asked);
  await asked.bucket.uploads.end(id);
  return new Response(null, { status: 204 });
}

async function uploadOf({ bucket, key, address }: Asked): Promise<Upload> {
  const id = address.query.get("uploadId") ?? "";
  const upload = await bucket.uploads.find(id, key);
  if (upload !== null) return upload;
  const message =
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
  throw new OssError(404, "NoSuchUpload", message, { UploadId: id });
}
