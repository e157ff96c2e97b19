import { createHash, createHmac } from "node:crypto";

import { byBytes, type SignedRequest } from "./signed_request.ts";

export const v4Algorithm = "OSS4-HMAC-SHA256";

/** What a V4 signature is for. */
export interface V4Scope {
  /** `20231217T034736Z`. */
  timestamp: string;
  /** `cn-hangzhou`. */
  region: string;
  /** Further headers that are signed, lower-case and in order. */
  additionalHeaders: string[];
}

/** `<date>/<region>/oss/aliyun_v4_request`. */
export function scopeText({ timestamp, region }: V4Scope): string {
  return `${timestamp.slice(0, 8)}/${region}/oss/aliyun_v4_request`;
}

/** The string that V4 signs ("Include a V4 signature in the Authorization header", "Construct a string to sign"). */
export function stringToSignV4(request: SignedRequest, scope: V4Scope): string {
  const hash = createHash("sha256").update(canonicalRequest(request, scope)).digest("hex");
  return [v4Algorithm, scope.timestamp, scopeText(scope), hash].join("\n");
}

export function signV4(secret: string, scope: V4Scope, text: string): string {
  const keys = [scope.timestamp.slice(0, 8), scope.region, "oss", "aliyun_v4_request"];
  let key = Buffer.from(`aliyun_v4${secret}`);
  for (const name of keys) key = createHmac("sha256", key).update(name).digest();
  return createHmac("sha256", key).update(text).digest("hex");
}

function canonicalRequest(request: SignedRequest, { additionalHeaders }: V4Scope): string {
  const { method, bucket, key, headers } = request;
  const path = bucket === null ? "/" : `/${bucket}/${key ?? ""}`;
  const isSigned = (name: string) => /^(content-type$|content-md5$|x-oss-)/.test(name) || additionalHeaders.includes(name);
  const names = [...headers.keys()].filter(isSigned).toSorted(byBytes);
  return [
    method,
    encode(path).replaceAll("%2F", "/"),
    canonicalQuery(request),
    names.map((name) => `${name}:${headers.get(name)?.trim()}\n`).join(""),
    additionalHeaders.join(";"),
    headers.get("x-oss-content-sha256") ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
}

/** All of the query but the signature itself, encoded and in order; a name without a value stands alone. */
function canonicalQuery({ query }: SignedRequest): string {
  const pairs = [...query].filter(([name]) => name !== "x-oss-signature").map(([name, value]) => [encode(name), value] as const);
  const sorted = pairs.toSorted(([a], [b]) => byBytes(a, b));
  return sorted.map(([name, value]) => (value ? `${name}=${encode(value)}` : name)).join("&");
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
