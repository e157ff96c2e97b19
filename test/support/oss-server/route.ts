import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Address } from "./address.ts";
import { listUploads, openBucket } from "./bucket.ts";
import type { Fault } from "./faults.ts";
import { listObjects } from "./list_objects.ts";
import { type Asked, deleteObject, getObject, headObject, putObject } from "./object_requests.ts";
import { OssError } from "./oss_error.ts";
import { abortUpload, beginUpload, completeUpload, listParts, putPart } from "./upload_requests.ts";

const ofUpload: Record<string, (asked: Asked) => Promise<Response>> = {
  PUT: putPart,
  GET: listParts,
  POST: completeUpload,
  DELETE: abortUpload,
};
const ofObject: Record<string, (asked: Asked) => Promise<Response>> = {
  PUT: putObject,
  GET: getObject,
  HEAD: headObject,
  DELETE: deleteObject,
};

export interface Routed {
  dir: string;
  request: Request;
  address: Address;
  fault: Fault | undefined;
  now(): number;
}

/** Does what a request that is authorized asks for. */
export async function route({ dir, request, address, fault, now }: Routed): Promise<Response> {
  const { bucket: name, key, method, query } = address;
  if (name === null || !existsSync(join(dir, name))) {
    throw new OssError(404, "NoSuchBucket", "The specified bucket does not exist.", { BucketName: name ?? "" });
  }
  const bucket = openBucket(dir, name, now);
  const refused = new OssError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
  if (key === null) {
    if (method === "GET" && query.has("uploads")) return await listUploads(bucket, address);
    if (method === "GET" && query.get("list-type") === "2") return await listObjects(bucket, address);
    throw refused;
  }
  const asked = { bucket, key, address, request, fault };
  if (method === "POST" && query.has("uploads")) return await beginUpload(asked);
  const answer = (query.has("uploadId") ? ofUpload : ofObject)[method];
  if (answer === undefined) throw refused;
  return await answer(asked);
}
