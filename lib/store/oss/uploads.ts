import type OSS from "ali-oss";
import { z } from "zod";

import { ask } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import type { Connection } from "./connection.ts";

/** A multipart upload that is neither completed nor aborted. */
export interface OpenUpload {
  key: string;
  id: string;
  /** Epoch milliseconds. */
  initiatedAt: number;
}

interface UploadsMarker {
  "key-marker"?: string;
  "upload-id-marker"?: string;
}

/** A parameter without a value is left out: V4 signs its name alone, and ali-oss signs "name=", which OSS refuses. */
export function uploadsQuery(prefix: string, max: number, from: UploadsMarker = {}): OSS.ListUploadsQuery {
  return { "max-uploads": max, ...(prefix !== "" && { prefix }), ...from };
}

/** The uploads whose keys begin with `prefix`, a page after the other. */
export async function* openUploads(
  oss: Connection,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<OpenUpload, void, undefined> {
  let from: UploadsMarker = {};
  for (;;) {
    const page = await ask(quickly(oss, "listing unfinished puts", signal), async (signal) =>
      oss.ask({ signal }, async (client) => client.listUploads(uploadsQuery(prefix, 1000, from))),
    );
    for (const { name, uploadId, initiated } of page.uploads) {
      yield { key: name, id: uploadId, initiatedAt: Date.parse(initiated) };
    }
    if (!page.isTruncated) return;
    from = { "key-marker": page.nextKeyMarker, "upload-id-marker": page.nextUploadIdMarker };
  }
}

/** A part that the store holds. */
export interface HeldPart {
  number: number;
  size: number;
  /** As it is to be given back when the upload is completed: in quotes. */
  etag: string;
}

/** The SDK gives what is in the XML: text, and no list where there is one part only. */
const pageSchema = z.object({
  isTruncated: z.union([z.literal("true"), z.literal("false"), z.boolean()]),
  nextPartNumberMarker: z.coerce.number().default(0),
  parts: z.preprocess(
    (parts) => (Array.isArray(parts) ? parts : [parts]),
    z.array(z.object({ PartNumber: z.coerce.number(), Size: z.coerce.number(), ETag: z.string() })),
  ),
});

/** The parts of an upload by their numbers. */
export async function heldParts(oss: Connection, { key, id }: OpenUpload, signal: AbortSignal): Promise<Map<number, HeldPart>> {
  const held = new Map<number, HeldPart>();
  for (let after = 0; ;) {
    const query = { "max-parts": 1000, "part-number-marker": after, "encoding-type": "url" } as const;
    const answer = await ask(quickly(oss, `listing parts of ${key}`, signal), async (signal) =>
      oss.ask({ signal }, async (client) => client.listParts(key, id, query)),
    );
    const { isTruncated, nextPartNumberMarker, parts } = pageSchema.parse(answer);
    for (const { PartNumber: number, Size: size, ETag: etag } of parts) held.set(number, { number, size, etag });
    if (String(isTruncated) === "false") return held;
    after = nextPartNumberMarker;
  }
}

/** @returns whether it was there to be aborted. */
export async function abortUpload(oss: Connection, { key, id }: OpenUpload, signal: AbortSignal): Promise<boolean> {
  return await ask(quickly(oss, `aborting the put of ${key}`, signal), async (signal) => {
    try {
      await oss.ask({ signal }, async (client) => client.abortMultipartUpload(key, id));
      return true;
    } catch (error) {
      // It has ended since it was listed.
      if (refusalOf(error)?.name === "NoSuchUpload") return false;
      throw error;
    }
  });
}
