import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, type MultipartUpload } from "@aws-sdk/client-s3";

import { ask } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import type { Connection } from "./connection.ts";

/**
 * Aborts the multipart uploads under the prefix that were begun before `before` (epoch milliseconds), whoever began them.
 *
 * @returns how many.
 */
export async function sweepMultiparts(s3: Connection, before: number, signal: AbortSignal): Promise<number> {
  let aborted = 0;
  for await (const { Key, UploadId, Initiated } of multiparts(s3, signal)) {
    if (Initiated === undefined || Initiated.getTime() >= before) continue;
    if (await abort(s3, { Key, UploadId }, signal)) aborted += 1;
  }
  return aborted;
}

/** How many {@link sweepMultiparts} would abort. */
export async function countMultiparts(s3: Connection, before: number, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const { Initiated } of multiparts(s3, signal))
    if (Initiated !== undefined && Initiated.getTime() < before) count += 1;
  return count;
}

async function* multiparts(s3: Connection, signal: AbortSignal): AsyncGenerator<MultipartUpload, void, undefined> {
  let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const command = new ListMultipartUploadsCommand({ Bucket: s3.bucket, Prefix: s3.prefix, ...from });
    const page = await ask(quickly(s3, "listing unfinished puts", signal), async (abortSignal) =>
      s3.client.send(command, { abortSignal }),
    );
    yield* page.Uploads ?? [];
    if (page.IsTruncated !== true) return;
    from = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

/** @returns whether it was there to be aborted. */
async function abort(s3: Connection, upload: Pick<MultipartUpload, "Key" | "UploadId">, signal: AbortSignal): Promise<boolean> {
  const command = new AbortMultipartUploadCommand({ Bucket: s3.bucket, Key: upload.Key, UploadId: upload.UploadId });
  return await ask(quickly(s3, `aborting the put of ${upload.Key}`, signal), async (abortSignal) => {
    try {
      await s3.client.send(command, { abortSignal });
      return true;
    } catch (error) {
      // It has ended since it was listed.
      if (refusalOf(error)?.status === 404) return false;
      throw error;
    }
  });
}
