import { queryOf, type SignedRequest } from "./signed_request.ts";

/** What a request is for, as the server reads it. */
export type Address = SignedRequest;

/**
 * Reads bucket and key: of a virtual host (`bucket.localhost`), as of Aliyun's, or of the path. OSS itself takes no path style
 * ("SecondLevelDomainForbidden"); clients in front of a test server do.
 */
export function addressOf(request: Request): Address {
  const url = new URL(request.url);
  const host = /^([a-z0-9-]+)\.localhost$/.exec(url.hostname);
  const path = decodeURIComponent(url.pathname.slice(1));
  const at = path.indexOf("/");
  const first = at < 0 ? path : path.slice(0, at);
  const rest = at < 0 ? "" : path.slice(at + 1);
  return {
    method: request.method,
    headers: new Map(request.headers),
    bucket: host?.[1] ?? (first || null),
    key: (host ? path : rest) || null,
    query: queryOf(url.search),
  };
}
