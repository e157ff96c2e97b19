import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import type { Code } from "#lib/errors/mod.ts";
import { AppError, isDiskFull } from "#lib/errors/mod.ts";

/** Status and title of every code: what does not stand here does not compile. */
export const problems = {
  "invalid-request": [400, "The request is malformed"],
  "invalid-name": [400, "The name cannot be used"],
  "url-refused": [400, "The URL may not be fetched"],
  "wrong-chunk-size": [400, "The chunk does not have its size"],
  "incomplete-body": [400, "The body ended too early"],
  unauthorized: [401, "A valid token is needed"],
  "bad-credentials": [401, "Wrong username or password"],
  "bad-signature": [401, "The signed URL is not valid"],
  "password-required": [401, "The share has a password"],
  forbidden: [403, "Not yours"],
  "not-found": [404, "Not found"],
  "not-instant": [404, "Upload it the normal way"],
  "no-such-upload": [404, "No such upload"],
  "method-not-allowed": [405, "The path does not take this method"],
  "username-taken": [409, "The username is taken"],
  "name-taken": [409, "The name is taken"],
  "upload-closed": [409, "The upload takes no more chunks"],
  incomplete: [409, "Chunks are missing"],
  "chunk-conflict": [409, "The chunk is held with other bytes"],
  "chunk-preempted": [409, "A later request for the chunk took over"],
  "sha1-collision": [409, "Another content has the same SHA-1"],
  "share-expired": [410, "The share is over"],
  "precondition-failed": [412, "A precondition does not hold"],
  "too-large": [413, "Too large"],
  "range-not-satisfiable": [416, "The range lies outside the file"],
  "checksum-mismatch": [422, "The checksum does not match"],
  "sha1-mismatch": [422, "The SHA-1 does not match"],
  "too-many-attempts": [429, "Too many attempts"],
  "too-many-streams": [429, "Too many streams at once"],
  "too-many-downloads": [429, "Too many offline downloads at once"],
  internal: [500, "Something went wrong in the drive"],
  "content-lost": [500, "The bytes are gone"],
  "source-refused": [502, "The URL's server does not give it"],
  "source-failed": [502, "The URL's server could not be read"],
  unavailable: [503, "The drive cannot do this now"],
  "no-space": [507, "No space left"],
} as const satisfies Record<Code, readonly [ContentfulStatusCode, string]>;

const wrongType = "the body is not of the type that is taken here: send it as Content-Type: application/json";

/** Whatever was thrown, as an {@link AppError}: what nobody foresaw is `internal`, with nothing of it told. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException && error.status < 500)
    return new AppError("invalid-request", error.status === 415 ? wrongType : error.message, { cause: error });
  if (isDiskFull(error))
    return new AppError("no-space", "the drive's disk is full; nothing of this request was kept", { cause: error });
  return new AppError("internal", "the drive failed at this; its log tells more under this request's id", { cause: error });
}

/** A problem document (RFC 9457) about `error`. `instance` is the request's id. */
export function problemResponse(error: AppError, instance: string): Response {
  const [status, title] = problems[error.code];
  const body = { type: `/docs#${error.code}`, title, status, detail: error.message, code: error.code, instance, ...error.extra };
  const headers = new Headers({ ...error.headers, "content-type": "application/problem+json", "cache-control": "no-store" });
  // RFC 6750, section 3: the scheme, and the error only where a token was sent and is not good.
  if (status === 401) headers.set("www-authenticate", error.code === "unauthorized" ? challenge(error) : 'Bearer realm="sluice"');
  if (error.retryAfterSeconds !== undefined) headers.set("retry-after", String(Math.ceil(error.retryAfterSeconds)));
  return new Response(JSON.stringify(body), { status, headers });
}

function challenge(error: AppError): string {
  return error.cause === undefined ? 'Bearer realm="sluice"' : 'Bearer realm="sluice", error="invalid_token"';
}
