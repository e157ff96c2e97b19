import { createHmac } from "node:crypto";

import { byBytes, type SignedRequest } from "./signed_request.ts";

/** "The sub-resources supported by OSS" that are part of the CanonicalizedResource, and the headers that a GET may override. */
const subresources = new Set(
  (
    "acl uploads location cors logging website referer lifecycle delete append tagging objectMeta uploadId partNumber " +
    "security-token position img style styleName replication replicationProgress replicationLocation cname bucketInfo comp qos " +
    "live status vod startTime endTime symlink x-oss-process response-content-type response-content-language response-expires " +
    "response-cache-control response-content-disposition response-content-encoding restore versionId versions versioning " +
    "continuation-token encryption policy requestPayment inventory inventoryId worm wormId wormExtend x-oss-traffic-limit"
  ).split(" "),
);

/**
 * The string that V1 signs ("Include a V1 signature in the Authorization header"):
 * `VERB \n Content-MD5 \n Content-Type \n Date \n CanonicalizedOSSHeaders CanonicalizedResource`.
 *
 * @param date the Date of a signed header, or the Expires of a signed URL.
 */
export function stringToSignV1(request: SignedRequest, date: string): string {
  const header = (name: string) => request.headers.get(name) ?? "";
  const first = [request.method, header("content-md5"), header("content-type"), date].join("\n");
  return `${first}\n${canonicalHeaders(request)}${canonicalResource(request)}`;
}

export function signV1(secret: string, text: string): string {
  return createHmac("sha1", secret).update(text, "utf8").digest("base64");
}

/** "Each header is followed by the line break"; "no space exists before and after the colon". */
function canonicalHeaders({ headers }: SignedRequest): string {
  const names = [...headers.keys()].filter((name) => name.startsWith("x-oss-")).toSorted(byBytes);
  return names.map((name) => `${name}:${headers.get(name)?.trim()}\n`).join("");
}

/** "/BucketName/ObjectName", not encoded, and the sub-resources "in a lexicographically ascending order". */
function canonicalResource({ bucket, key, query }: SignedRequest): string {
  const path = bucket === null ? "/" : `/${bucket}/${key ?? ""}`;
  const signed = [...query.keys()].filter((name) => subresources.has(name)).toSorted(byBytes);
  const pairs = signed.map((name) => (query.get(name) ? `${name}=${query.get(name)}` : name));
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}
