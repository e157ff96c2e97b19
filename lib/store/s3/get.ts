import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";

import { AppError } from "../../errors/mod.ts";
import type { ByteRange, StoredObject } from "../port.ts";
import { ask } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import type { Connection } from "./connection.ts";

/** Up to this, an answer is read at once: so that a failure in the middle of it is ridden out as well. */
const atOnceBytes = 2 ** 18;

/**
 * An object's bytes, or a range of them: a Blob up to 256 KiB, else the connection's own stream, which Bun passes on at half
 * the cost of one that is wrapped. Reading that fails, with Bun's own error, when the store stops for `idleTimeout` or breaks
 * off; it never ends early. Cancelling it ends the request.
 *
 * @throws {AppError} `content-lost` when there is no such object.
 */
export async function get(
  s3: Connection,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Blob | ReadableStream<Uint8Array>> {
  const action = `reading ${key}`;
  // HTTP has no range of no bytes (RFC 9110, section 14.1.2).
  if (range?.length === 0) {
    if ((await head(s3, key, signal)) === null) throw lost(action);
    return new Blob();
  }
  const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
  const command = new GetObjectCommand({ Bucket: s3.bucket, Key: key, Range });
  return await ask(quickly(s3, action, signal), async (abortSignal) => {
    try {
      const { Body, ContentLength = Infinity } = await s3.client.send(command, { abortSignal });
      if (Body === undefined) return new Blob();
      if (range && ContentLength > range.length) throw unasked(action, range, ContentLength);
      return ContentLength <= atOnceBytes ? new Blob([await Body.transformToByteArray()]) : Body.transformToWebStream();
    } catch (error) {
      throw refusalOf(error)?.name === "NoSuchKey" ? lost(action, error) : error;
    }
  });
}

/** What lies under a key, or `null`. */
export async function head(s3: Connection, key: string, signal: AbortSignal): Promise<StoredObject | null> {
  const command = new HeadObjectCommand({ Bucket: s3.bucket, Key: key });
  return await ask(quickly(s3, `looking at ${key}`, signal), async (abortSignal) => {
    try {
      const { ContentLength = 0, LastModified } = await s3.client.send(command, { abortSignal });
      return { size: ContentLength, modifiedAt: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (refusalOf(error)?.status === 404) return null;
      throw error;
    }
  });
}

/** "A server MAY ignore the Range header field" (RFC 9110, section 14.2); one store was seen to, for the first byte alone. */
function unasked(action: string, range: ByteRange, length: number): AppError {
  return new AppError(
    "internal",
    `${action}: the object store answers ${length} bytes, must be ${range.length} from ${range.offset}`,
  );
}

function lost(action: string, cause?: unknown): AppError {
  return new AppError("content-lost", `${action}: the store holds no such object`, { cause });
}
