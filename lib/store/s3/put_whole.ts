import { PutObjectCommand } from "@aws-sdk/client-s3";

import { AppError } from "../../errors/mod.ts";
import { ask } from "../remote/ask.ts";
import { sending } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import type { Put } from "./put.ts";

/**
 * Puts a file in one request. Its SHA-256 is signed with the request, so that the store compares it with that of the bytes
 * which arrive: "x-amz-content-sha256: hash of the request payload" (Signature Version 4), known to every S3 and on plain
 * HTTP too. Nothing is read here: the bytes go from the page cache to the socket.
 */
export async function putWhole({ s3, key, source, signal }: Put): Promise<void> {
  const action = `putting ${key}`;
  await ask(sending(s3, action, source.size, signal), async (abortSignal) => {
    try {
      await s3.client.send(putCommand(), { abortSignal });
    } catch (error) {
      throw isOtherBytes(error) ? otherBytes(action, error) : error;
    }
  });

  function putCommand(): PutObjectCommand {
    const { path, size, sha256 } = source;
    // Bun gives a file of no bytes no Content-Length, without which S3 answers 411.
    const Body = size === 0 ? "" : Bun.file(path);
    const command = new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body, ContentLength: size, Metadata: { sha256 } });
    command.middlewareStack.add(
      (next) => async (args) => {
        setHeader(args.request, "x-amz-content-sha256", sha256);
        return await next(args);
      },
      { step: "build", name: "signPayload" },
    );
    return command;
  }
}

/** The SDK gives its middleware a request of unknown type. */
function setHeader(request: unknown, name: string, value: string): void {
  const headers = typeof request === "object" && request !== null && "headers" in request ? request.headers : undefined;
  if (typeof headers !== "object" || headers === null) throw new TypeError("the SDK's request has no headers");
  Object.assign(headers, { [name]: value });
}

const mismatches = new Set(["XAmzContentSHA256Mismatch", "BadDigest"]);

/** Whether the store has refused a body for its checksum. */
export function isOtherBytes(error: unknown): boolean {
  return mismatches.has(refusalOf(error)?.name ?? "");
}

export function otherBytes(action: string, cause: unknown): AppError {
  return new AppError("checksum-mismatch", `${action}: the store received other bytes than were to be sent`, { cause });
}
