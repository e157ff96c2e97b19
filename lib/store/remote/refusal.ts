import { z } from "zod";

import { AppError } from "../../errors/mod.ts";

/** The part of AWS's errors that is relied on: what does not come from the store (a broken connection) has no status. */
const answered = z.object({ name: z.string(), $metadata: z.object({ httpStatusCode: z.number() }) });

/** What the store has said instead of doing it. */
export interface Refusal {
  /** The status of HTTP. */
  status: number;
  /** The code of S3 or OSS, such as `NoSuchKey`; of S3, a HEAD has no body, and so says only `NotFound` or nothing of use. */
  name: string;
}

/** A refusal as an error, where an engine's SDK has none that could be kept: it holds neither the request nor its headers. */
export class RefusedError extends Error implements Refusal {
  override readonly name: string;
  readonly status: number;

  constructor({ name, status }: Refusal, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** Reads the store's answer from an engine's error; `null` for an error that is none, such as a connection that broke. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof RefusedError) return { name: error.name, status: error.status };
  const read = answered.safeParse(error);
  return read.success ? { name: read.data.name, status: read.data.$metadata.httpStatusCode } : null;
}

/** Statuses that another attempt may not see: a timeout, a conflict with another request, too many of them. */
const passingStatuses = new Set([408, 409, 429]);

/**
 * Whether the same request may be answered well a moment later.
 *
 * @param attempt counts from 1: Ceph was seen to answer 403 `InvalidAccessKeyId` while its OSD was away, so that a 403 is
 * believed only when it comes again.
 */
export function isPassing(error: unknown, attempt: number): boolean {
  if (error instanceof AppError) return error.code === "unavailable";
  const refusal = refusalOf(error);
  if (refusal === null) return true;
  if (refusal.status === 403) return attempt === 1;
  // "Your socket connection to the server was not read from or written to within the timeout period" (S3 and OSS, with 400).
  if (refusal.name === "RequestTimeout") return true;
  // 501: "the server does not support the functionality required" (RFC 9110, section 15.6.2), now or later.
  return (refusal.status >= 500 && refusal.status !== 501) || passingStatuses.has(refusal.status);
}

/** Refusals that no caller can do anything about, and somebody who runs the store can. */
const outages = new Set([401, 403, 404]);

/** An engine's error as the port's own. `action` begins the message: "putting ab/cd/x". */
export function asAppError(error: unknown, action: string): AppError {
  if (error instanceof AppError) return error;
  const refusal = refusalOf(error);
  const options = { cause: error, retryAfterSeconds: 5 };
  if (refusal === null) return new AppError("unavailable", `${action}: the object store cannot be reached`, options);
  const { name, status } = refusal;
  const text = `${action}: the object store answers ${status} ${name}`;
  const isOutage = isPassing(error, 1) || outages.has(status);
  return isOutage ? new AppError("unavailable", text, options) : new AppError("internal", text, { cause: error });
}
