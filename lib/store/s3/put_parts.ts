import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import pLimit from "p-limit";

import { ask } from "../remote/ask.ts";
import { type Part, planParts } from "../remote/part_plan.ts";
import { patiently, quickly, sending } from "../remote/question.ts";
import { partDigests } from "./part_digests.ts";
import type { Put } from "./put.ts";
import { isOtherBytes, otherBytes } from "./put_whole.ts";
import type { S3Settings } from "./s3_url.ts";

/** "Processing of a CompleteMultipartUpload request could take several minutes" (S3, API reference). */
const completingAnswers = 12;

/** The parts in which a file of `size` bytes is put; none where it is put in one piece. */
export function partsOf(size: number, { partBytes }: S3Settings): Part[] {
  return size <= partBytes ? [] : planParts(size, partBytes);
}

/**
 * Puts a file as a multipart upload, which is aborted when that fails; what cannot be aborted is swept later.
 *
 * @param parts as {@link partsOf} gives them.
 * @param isThere says whether the object is there after all: asked when completing was not answered well.
 */
export async function putParts(work: Put, parts: Part[], isThere: () => Promise<boolean>): Promise<void> {
  const uploadId = await begin(work);
  try {
    work.signal.throwIfAborted();
    const sent = await sendAll(work, uploadId, parts);
    await complete(work, uploadId, sent, isThere);
  } catch (error) {
    await abandon(work, uploadId);
    throw error;
  }
}

/** A request under way is not aborted: an upload whose name did not come back could not be aborted either. */
async function begin({ s3, key, source, signal }: Put): Promise<string> {
  const Metadata = { sha256: source.sha256 };
  const command = new CreateMultipartUploadCommand({ Bucket: s3.bucket, Key: key, Metadata });
  return await ask(patiently(s3, `putting ${key}`, signal), async () => {
    const { UploadId } = await s3.client.send(command, { abortSignal: AbortSignal.timeout(s3.settings.answerTimeout) });
    if (UploadId === undefined) throw new TypeError(`putting ${key}: the store names no upload`);
    return UploadId;
  });
}

/** Sends the parts, `parallel` at a time. When one fails, the others are aborted; none is under way once this rejects. */
async function sendAll(work: Put, uploadId: string, parts: Part[]): Promise<CompletedPart[]> {
  const { s3, source, signal } = work;
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const { parallel } = s3.settings;
  using digests = partDigests(source.path, source.digests);
  // As many are hashed ahead as are sent, so that sending never waits.
  const [hashing, inTurn] = [pLimit(2 * parallel), pLimit(parallel)];
  const sent = parts.map((part) =>
    hashing(async () => {
      try {
        stop.throwIfAborted();
        const md5 = await digests.md5({ offset: part.offset, length: part.size }, stop);
        return await inTurn(() => send({ ...work, signal: stop }, uploadId, part, md5));
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  await Promise.allSettled(sent);
  // The first failure, and not one of those that it has caused.
  stop.throwIfAborted();
  return await Promise.all(sent);
}

/** Sends a part with its MD5, with which the store compares what arrives: it refuses other bytes (RFC 1864; 400 `BadDigest`). */
async function send(work: Put, uploadId: string, part: Part, md5: string): Promise<CompletedPart> {
  const { s3, key, source, signal } = work;
  const action = `putting part ${part.number} of ${key}`;
  return await ask(sending(s3, action, part.size, signal), async (abortSignal) => {
    const command = new UploadPartCommand({
      Bucket: s3.bucket,
      Key: key,
      UploadId: uploadId,
      PartNumber: part.number,
      Body: Bun.file(source.path).slice(part.offset, part.offset + part.size),
      ContentLength: part.size,
      ContentMD5: Buffer.from(md5, "hex").toString("base64"),
    });
    try {
      const { ETag } = await s3.client.send(command, { abortSignal });
      return { PartNumber: part.number, ETag };
    } catch (error) {
      throw isOtherBytes(error) ? otherBytes(action, error) : error;
    }
  });
}

/** The store compares the ETag of each part with its own, and refuses to complete an upload of others. */
async function complete(work: Put, uploadId: string, sent: CompletedPart[], isThere: () => Promise<boolean>): Promise<void> {
  const { s3, key, signal } = work;
  const command = new CompleteMultipartUploadCommand({
    Bucket: s3.bucket,
    Key: key,
    UploadId: uploadId,
    MultipartUpload: { Parts: sent },
  });
  const timeoutMs = s3.settings.answerTimeout * completingAnswers;
  await ask({ ...patiently(s3, `putting ${key}`, signal), timeoutMs }, async (abortSignal) => {
    try {
      await s3.client.send(command, { abortSignal });
    } catch (error) {
      // An answer may be lost, and a second request for an upload that is complete is refused (Ceph: 500).
      if (abortSignal.aborted || !(await isThere())) throw error;
    }
  });
}

/** Also when the put was aborted: hence a signal of its own. */
async function abandon({ s3, key }: Put, uploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: s3.bucket, Key: key, UploadId: uploadId });
  const signal = AbortSignal.timeout(s3.settings.answerTimeout);
  try {
    await ask(quickly(s3, `aborting the put of ${key}`, signal), async (abortSignal) => s3.client.send(command, { abortSignal }));
  } catch {
    // Why the put failed is what its caller must hear. The sweep finds what is left.
  }
}
