import { ask } from "../remote/ask.ts";
import type { Part } from "../remote/part_plan.ts";
import { sending } from "../remote/question.ts";
import { answerHeaders } from "./answer_headers.ts";
import type { PartDigests } from "./part_digests.ts";
import type { Put } from "./put.ts";
import { otherBytes } from "./put_whole.ts";
import type { HeldPart, OpenUpload } from "./uploads.ts";

/** A part that OSS holds, and that is known to be the file's. */
export interface PutPart {
  number: number;
  size: number;
  etag: string;
  crc64: bigint;
}

export interface PartWork {
  work: Put;
  upload: OpenUpload;
  part: Part;
  /** What the upload holds under that number already. */
  held: HeldPart | undefined;
  digests: PartDigests;
}

/**
 * Sends a part, unless OSS holds it: "the ETag of a part is the MD5 of its data" (OSS, UploadPart). Parts of another plan or another
 * file, or encrypted ones, whose ETag is none, are sent again.
 *
 * @throws {AppError} `checksum-mismatch` when OSS says that it received other bytes than were read.
 */
export async function putPart(task: PartWork): Promise<PutPart> {
  const { work, part, held, digests } = task;
  const { number, size } = part;
  const mayBeHeld = held?.size === size;
  const digesting = digests.of(part, { md5: mayBeHeld }, work.signal);
  if (mayBeHeld) {
    const { md5, crc64 } = await digesting;
    if (held.etag.replaceAll('"', "").toLowerCase() === md5) return { number, size, etag: held.etag, crc64 };
  }
  const [{ etag, said }, { crc64 }] = await Promise.all([send(task), digesting]);
  if (said === String(crc64)) return { number, size, etag, crc64 };
  const text = `the store received bytes with CRC-64 ${said ?? "unknown"}, must be ${crc64}`;
  throw otherBytes(`putting part ${number} of ${work.key}`, text);
}

async function send({ work, upload, part }: PartWork): Promise<{ etag: string; said: string | undefined }> {
  const { oss, key, source, signal } = work;
  const { number, offset, size } = part;
  const headers = { "Content-Type": "application/octet-stream" };
  return await ask(sending(oss, `putting part ${number} of ${key}`, size, signal), async (signal) => {
    // The transport sends the slice; of the buffer ali-oss only makes a stream that nobody reads. Its types know of no headers.
    const body = Bun.file(source.path).slice(offset, offset + size);
    const { etag, res } = await oss.ask({ signal, body }, async (client) =>
      client.uploadPart(key, upload.id, number, Buffer.alloc(0), 0, size, { headers } as object),
    );
    return { etag, said: answerHeaders(res).get("x-oss-hash-crc64ecma") ?? undefined };
  });
}
