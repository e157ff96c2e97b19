import { z } from "@hono/zod-openapi";

import { nameSchema } from "../file/name.ts";
import { sha1Schema } from "../file/schema.ts";
import { maxChunkBytes, minChunkBytes } from "./chunking.ts";

const size = z.int().min(0).openapi({ description: "bytes" });
const time = z.iso.datetime();

export const initSchema = z.strictObject({
  name: nameSchema,
  size,
  sha1: sha1Schema.optional(),
  chunkSize: z.int().min(minChunkBytes).max(maxChunkBytes).optional(),
});

export const initiatedSchema = z
  .object({
    uploadId: z.string(),
    chunkSize: z.int(),
    chunkCount: z.int(),
    expiresAt: time,
    received: z.int().optional().openapi({ description: "how many chunks are there, where an open upload is gone on with" }),
  })
  .openapi("InitiatedUpload");

export const uploadQuery = z.object({ uploadid: z.string().min(1) });
export const chunkQuery = uploadQuery.extend({ index: z.coerce.number().int().min(1) });
export const chunkHeaders = z.object({
  "upload-checksum": z.string().optional().openapi({ description: "`crc32|sha1|sha256 <base64>` of the chunk's bytes" }),
});

export const chunkSchema = z.object({ index: z.int(), size: z.int(), crc32: z.string() }).openapi("Chunk");

export const statusSchema = z
  .object({
    uploadId: z.string(),
    name: z.string(),
    size: z.int().openapi({ description: "bytes; of one that is fetched, those that have come, while nobody knows the whole" }),
    state: z.enum(["open", "fetching", "verifying", "done", "failed", "cancelled"]),
    received: z.int().openapi({ description: "how many chunks are there" }),
    chunkCount: z.int().openapi({ description: "0 while it is fetched and nobody knows its size" }),
    percent: z.int(),
    missing: z.array(z.int()).openapi({ description: "1-based indexes" }),
    bytes: z.int().optional().openapi({ description: "while it is fetched: how many have come" }),
    fileId: z.string().optional(),
    error: z.string().optional().openapi({ description: "an error code" }),
  })
  .openapi("UploadStatus");
export type StatusView = z.infer<typeof statusSchema>;

export const uploadIdSchema = z.strictObject({ uploadId: z.string().min(1) });

export const challengeSchema = z
  .object({
    challenge: z.object({
      id: z.string(),
      nonce: z.string().openapi({ description: "hex: the key of the proof" }),
      ranges: z.array(z.tuple([z.int(), z.int()])).openapi({ description: "[offset, length] of each, in order" }),
      expiresAt: time,
    }),
  })
  .openapi("Challenge");

/** Either half of `POST /file/fastupload`: asking, or answering the challenge. */
export const fastUploadSchema = z.union([
  z.strictObject({ sha1: sha1Schema, size, name: nameSchema }),
  z.strictObject({ challengeId: z.string().min(1), proof: z.string().max(256), name: nameSchema }),
]);
