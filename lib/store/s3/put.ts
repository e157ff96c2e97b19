import { DeleteObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";

import { AppError } from "../../errors/mod.ts";
import { openSource } from "../open_source.ts";
import type { PutSource } from "../port.ts";
import { ask } from "../remote/ask.ts";
import { patiently } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import type { Connection } from "./connection.ts";
import { partsOf, putParts } from "./put_parts.ts";
import { putWhole } from "./put_whole.ts";

/** A put under way. */
export interface Put {
  s3: Connection;
  /** As the bucket knows it. */
  key: string;
  source: PutSource;
  signal: AbortSignal;
}

/**
 * Puts a file: in one request up to `partBytes`, as a multipart upload above. Either way the store itself refuses bytes
 * whose checksum is not the one that was sent with them, and shows nothing under the key until it has them all. An object
 * of that size and SHA-256 that is there already is left as it is.
 *
 * @throws {AppError} `checksum-mismatch` when the store received other bytes, or holds another size.
 */
export async function put(work: Put): Promise<void> {
  const { s3, source } = work;
  // Fails early where the file is gone or of another size; the requests open it again, by its path.
  await (await openSource(source)).close();
  const before = await look(work);
  if (before !== null && isOf(before, source)) return;
  const parts = partsOf(source.size, s3.settings);
  if (parts.length === 0) await putWhole(work);
  else await putParts(work, parts, async () => isThere(work));
  const after = await look(work);
  if (after?.size !== source.size) throw await removeWrong(work, after);
}

interface Seen {
  size: number;
  /** As this or an earlier put has said it. */
  sha256: string | undefined;
}

const isOf = (seen: Seen, source: PutSource) => seen.size === source.size && seen.sha256 === source.sha256;

async function isThere(work: Put): Promise<boolean> {
  const seen = await look(work);
  return seen !== null && isOf(seen, work.source);
}

async function look({ s3, key, signal }: Put): Promise<Seen | null> {
  const head = new HeadObjectCommand({ Bucket: s3.bucket, Key: key });
  return await ask(patiently(s3, `putting ${key}`, signal), async (abortSignal) => {
    try {
      const { ContentLength = 0, Metadata } = await s3.client.send(head, { abortSignal });
      return { size: ContentLength, sha256: Metadata?.["sha256"] };
    } catch (error) {
      if (refusalOf(error)?.status === 404) return null;
      throw error;
    }
  });
}

/** @returns the error to be thrown. */
async function removeWrong(work: Put, seen: Seen | null): Promise<AppError> {
  const { s3, key, source, signal } = work;
  const remove = new DeleteObjectCommand({ Bucket: s3.bucket, Key: key });
  await ask(patiently(s3, `deleting ${key}, which is wrong`, signal), async (abortSignal) =>
    s3.client.send(remove, { abortSignal }),
  );
  const held = seen === null ? "nothing" : `${seen.size} bytes`;
  return new AppError("checksum-mismatch", `putting ${key}: the store holds ${held}, must hold ${source.size} bytes`);
}
