import { CreateBucketCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";

import { AppError, isAppError } from "../../errors/mod.ts";
import { ask, type Question } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import { type Refusal, refusalOf } from "../remote/refusal.ts";
import { wrongUrl } from "../remote/store_url.ts";
import type { Connection } from "./connection.ts";

/**
 * Sees that the bucket is there and may be used, and makes it where it is missing.
 *
 * @throws {AppError} `unavailable` when the store does not answer, `invalid-request` when it refuses: each names STORE_URL.
 */
export async function openBucket(s3: Connection): Promise<void> {
  try {
    if (!(await isThere(s3))) await make(s3);
  } catch (error) {
    throw explain(error, s3);
  }
}

/** By a listing of one name: unlike to a HEAD, the answer to it says why not. */
async function isThere(s3: Connection): Promise<boolean> {
  const command = new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: s3.prefix, MaxKeys: 1 });
  return await ask(questionOf(s3), async (abortSignal) => {
    try {
      const { Name } = await s3.client.send(command, { abortSignal });
      // The SDK reads any page of HTML as an empty listing.
      if (Name === undefined) throw wrongUrl(`${s3.settings.endpoint} is no S3: its answer is no listing`);
      return true;
    } catch (error) {
      if (refusalOf(error)?.name === "NoSuchBucket") return false;
      throw error;
    }
  });
}

async function make(s3: Connection): Promise<void> {
  await ask(questionOf(s3), async (abortSignal) => {
    try {
      await s3.client.send(new CreateBucketCommand({ Bucket: s3.bucket }), { abortSignal });
    } catch (error) {
      // Somebody else who starts has made it just now, with the same credentials.
      if (refusalOf(error)?.name !== "BucketAlreadyOwnedByYou") throw error;
    }
  });
}

function questionOf(s3: Connection): Question {
  return quickly(s3, "opening the bucket", new AbortController().signal);
}

const reasons: Record<string, string> = {
  InvalidAccessKeyId: "it does not know the key",
  SignatureDoesNotMatch: "the secret does not belong to the key",
  AccessDenied: "the key may not use the bucket, or not make it",
  BucketAlreadyExists: "the bucket is somebody else's",
  PermanentRedirect: "the bucket is in another region or at another endpoint",
  AuthorizationHeaderMalformed: "the region is another",
  IllegalLocationConstraintException: "the region is another",
  InvalidLocationConstraint: "it does not have that region",
  RequestTimeTooSkewed: "this machine's clock and the store's differ",
};

/** `ask` has wrapped what the SDK threw. */
function explain(error: unknown, { bucket, settings }: Connection): unknown {
  if (!isAppError(error, "unavailable", "internal")) return error;
  const where = `${settings.endpoint}, bucket ${bucket}, region ${settings.region}`;
  const refusal = refusalOf(error.cause);
  if (refusal !== null) return wrongUrl(`${where}: ${sentence(refusal)}`, error.cause);
  return new AppError("unavailable", `STORE_URL: ${where}: the store cannot be reached: ${causeOf(error)}`, { cause: error });
}

function sentence({ name, status }: Refusal): string {
  const reason = reasons[name];
  return `the store answers ${status} ${name}${reason === undefined ? "" : `: ${reason}`}`;
}

/** What the connection's error says of itself; it knows hosts and ports, but neither key nor secret. */
function causeOf({ cause, message }: AppError): string {
  return cause instanceof Error ? cause.message : message;
}
