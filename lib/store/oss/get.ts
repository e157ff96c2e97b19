import { AppError } from "../../errors/mod.ts";
import type { ByteRange, StoredObject } from "../port.ts";
import { ask } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import { answerHeaders } from "./answer_headers.ts";
import type { Connection } from "./connection.ts";

/** Up to this, an answer is read at once: so that a failure in the middle of it is ridden out as well. */
const atOnceBytes = 2 ** 18;

/**
 * An object's bytes, or a range of them: a Blob up to 256 KiB, else the connection's own stream. Reading that fails, with Bun's own
 * error, when the store stops for `idleTimeout` or breaks off; it never ends early. Cancelling it ends the request.
 *
 * @throws {AppError} `content-lost` when there is no such object.
 */
export async function get(
  oss: Connection,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Blob | ReadableStream<Uint8Array>> {
  const action = `reading ${key}`;
  // HTTP has no range of no bytes (RFC 9110, section 14.1.2).
  if (range?.length === 0) {
    if ((await head(oss, key, signal)) === null) throw lost(action);
    return new Blob();
  }
  return await ask(quickly(oss, action, signal), async (signal) => {
    try {
      const response = await oss.ask({ signal }, async (client) =>
        responseOf(await client.getStream(key, { headers: rangeHeaders(range) })),
      );
      const length = Number(response.headers.get("content-length") ?? Infinity);
      if (range && response.status !== 206) throw unasked(action, range, length);
      if (length <= atOnceBytes || response.body === null) return await response.blob();
      return response.body;
    } catch (error) {
      throw refusalOf(error)?.name === "NoSuchKey" ? lost(action, error) : error;
    }
  });
}

/** "If the range is not valid, the entire object is returned", unless the standard's behaviour is asked for (OSS, GetObject). */
function rangeHeaders(range: ByteRange | undefined): Record<string, string> {
  if (range === undefined) return {};
  return { Range: `bytes=${range.offset}-${range.offset + range.length - 1}`, "x-oss-range-behavior": "standard" };
}

/** The transport gives ali-oss a Response where that expects a Node stream, and it passes it on. */
function responseOf({ stream }: { stream?: unknown }): Response {
  if (stream instanceof Response) return stream;
  throw new TypeError("ali-oss gives no Response");
}

/** What lies under a key, or `null`. */
export async function head(oss: Connection, key: string, signal: AbortSignal): Promise<StoredObject | null> {
  return await ask(quickly(oss, `looking at ${key}`, signal), async (signal) => {
    const seen = await look(oss, key, signal);
    return seen && { size: seen.size, modifiedAt: seen.modifiedAt };
  });
}

/** What the store says of an object. */
export interface Seen extends StoredObject {
  /** CRC-64 by ECMA-182 of what the store holds, in decimal. */
  crc64: string | undefined;
  /** As the put has said it. */
  sha256: string | undefined;
}

/** Looks once. @returns `null` where there is no such object; a bucket that is missing is a refusal. */
export async function look(oss: Connection, key: string, signal: AbortSignal): Promise<Seen | null> {
  try {
    const { res } = await oss.ask({ signal }, async (client) => client.head(key));
    const headers = answerHeaders(res);
    return {
      size: Number(headers.get("content-length")),
      modifiedAt: Date.parse(headers.get("last-modified") ?? ""),
      crc64: headers.get("x-oss-hash-crc64ecma") ?? undefined,
      sha256: headers.get("x-oss-meta-sha256") ?? undefined,
    };
  } catch (error) {
    if (refusalOf(error)?.name === "NoSuchKey") return null;
    throw error;
  }
}

/** "A server MAY ignore the Range header field" (RFC 9110, section 14.2). */
function unasked(action: string, range: ByteRange, length: number): AppError {
  const text = `the object store answers ${length} bytes, must be ${range.length} from ${range.offset}`;
  return new AppError("internal", `${action}: ${text}`);
}

function lost(action: string, cause?: unknown): AppError {
  return new AppError("content-lost", `${action}: the store holds no such object`, { cause });
}
