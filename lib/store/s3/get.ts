import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";

import { AppError } from "../../errors/mod.ts";
import type { ByteRange, StoredObject } from "../port.ts";
import { ask } from "./ask.ts";
import type { Connection } from "./connection.ts";
import { quickly } from "./question.ts";
import { asAppError, refusalOf } from "./refusal.ts";

/** An object's bytes, or a range of them. @throws {AppError} `content-lost` when there is none. */
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
  // Ends the request when the body is cancelled.
  const cancelled = new AbortController();
  const until = AbortSignal.any([signal, cancelled.signal]);
  const { Body } = await ask(quickly(s3, action, until), async (abortSignal) => {
    try {
      return await s3.client.send(command, { abortSignal });
    } catch (error) {
      throw refusalOf(error)?.name === "NoSuchKey" ? lost(action, error) : error;
    }
  });
  if (Body === undefined) return new Blob();
  return bodyOf(Body.transformToWebStream(), { action, signal, cancelled });
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

function lost(action: string, cause?: unknown): AppError {
  return new AppError("content-lost", `${action}: the store holds no such object`, { cause });
}

interface Reading {
  action: string;
  signal: AbortSignal;
  cancelled: AbortController;
}

/** The answer's body, whose errors are the port's: one that stops or breaks off is `unavailable`. */
function bodyOf(body: ReadableStream<Uint8Array>, { action, signal, cancelled }: Reading): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(signal.aborted ? signal.reason : asAppError(error, action));
        }
      },
      cancel: (reason) => cancelled.abort(reason),
    },
    { highWaterMark: 0 },
  );
}
