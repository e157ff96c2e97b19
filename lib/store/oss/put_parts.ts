import pLimit from "p-limit";

import { isAppError } from "../../errors/mod.ts";
import { ask } from "../remote/ask.ts";
import { planParts } from "../remote/part_plan.ts";
import { patiently } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import { joinCrc64s } from "./crc64.ts";
import { partDigests } from "./part_digests.ts";
import type { Put } from "./put.ts";
import { type PutPart, putPart } from "./put_part.ts";
import { objectHeaders, otherBytes } from "./put_whole.ts";
import { abortUpload, type HeldPart, heldParts, type OpenUpload, openUploads } from "./uploads.ts";

/** An upload may end under a put: by a sweep, or by another put of that key. More often than this, something is wrong. */
const attempts = 3;

/** OSS joins the parts before it answers. */
const completingAnswers = 12;

/**
 * Puts a file as a multipart upload: that which an earlier put of the key has left open, or a new one. A put that failed in a way that
 * passes leaves it for the next (and, in the end, for the sweep); any other failure aborts it.
 *
 * @param isThere says whether the object is there after all.
 * @returns the CRC-64 of what was read; nothing when somebody else has put the object meanwhile.
 */
export async function putParts(work: Put, isThere: () => Promise<boolean>): Promise<bigint | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await putOnce(work, isThere);
    } catch (error) {
      if (!isGone(error)) throw error;
      if (await isThere()) return undefined;
      if (attempt === attempts) throw error;
    }
  }
}

async function putOnce(work: Put, isThere: () => Promise<boolean>): Promise<bigint> {
  const found = await findUpload(work);
  const upload = found ?? (await beginUpload(work));
  try {
    const held = found === undefined ? new Map() : await heldParts(work.oss, upload, work.signal);
    const parts = await putAll(work, upload, held);
    await complete(work, upload, parts, isThere);
    return joinCrc64s(parts);
  } catch (error) {
    if (isAppError(error) && error.code !== "unavailable") await abandon(work, upload);
    throw error;
  }
}

/** The latest upload of that very key. One of other bytes does no harm: what its parts hold is compared with the file. */
async function findUpload({ oss, key, signal }: Put): Promise<OpenUpload | undefined> {
  let found: OpenUpload | undefined;
  for await (const upload of openUploads(oss, key, signal)) {
    const isLater = found === undefined || upload.initiatedAt >= found.initiatedAt;
    if (upload.key === key && isLater) found = upload;
  }
  return found;
}

async function beginUpload({ oss, key, source, signal }: Put): Promise<OpenUpload> {
  return await ask(patiently(oss, `putting ${key}`, signal), async (signal) => {
    const headers = objectHeaders(source);
    const { uploadId } = await oss.ask({ signal }, async (client) => client.initMultipartUpload(key, { headers }));
    return { key, id: uploadId, initiatedAt: Date.now() };
  });
}

/** Puts the parts, `parallel` at a time. When one fails, the others are aborted; none is under way once this rejects. */
async function putAll(work: Put, upload: OpenUpload, held: Map<number, HeldPart>): Promise<PutPart[]> {
  const { oss, source, signal, key } = work;
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  using digests = partDigests(source.path);
  const limit = pLimit(oss.settings.parallel);
  const putting = planParts(source.size, oss.settings.partBytes).map(async (part) =>
    limit(async () => {
      try {
        stop.throwIfAborted();
        return await putPart({ work: { ...work, signal: stop }, upload, part, held: held.get(part.number), digests });
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  await Promise.allSettled(putting);
  // The first failure, and not one of those that it has caused.
  stop.throwIfAborted();
  const sha256 = await digests.whole(signal);
  if (sha256 !== source.sha256) throw otherBytes(`putting ${key}`, `the file's SHA-256 is ${sha256}, must be ${source.sha256}`);
  return await Promise.all(putting);
}

/** "OSS verifies each part", by its number and ETag, and refuses to complete an upload of others. */
async function complete(work: Put, { id }: OpenUpload, parts: PutPart[], isThere: () => Promise<boolean>): Promise<void> {
  const { oss, key, signal } = work;
  const timeoutMs = oss.settings.answerTimeout * completingAnswers;
  await ask({ ...patiently(oss, `putting ${key}`, signal), timeoutMs }, async (signal) => {
    try {
      await oss.ask({ signal }, async (client) => client.completeMultipartUpload(key, id, parts));
    } catch (error) {
      // An answer may be lost, and a second request finds no such upload.
      if (signal.aborted || !(await isThere())) throw error;
    }
  });
}

/** Also when the put was aborted: hence a signal of its own. */
async function abandon({ oss }: Put, upload: OpenUpload): Promise<void> {
  try {
    await abortUpload(oss, upload, AbortSignal.timeout(oss.settings.answerTimeout));
  } catch {
    // Why the put failed is what its caller must hear. The sweep finds what is left.
  }
}

function isGone(error: unknown): boolean {
  return isAppError(error) && refusalOf(error.cause)?.name === "NoSuchUpload";
}
