import { z } from "@hono/zod-openapi";

import { isId } from "#lib/id/mod.ts";

import { nameSchema } from "./name.ts";

/** Lower-case hex; upper case is taken and folded. */
export const sha1Schema = z
  .string()
  .regex(/^[0-9a-fA-F]{40}$/, "must be 40 hex digits")
  .transform((text) => text.toLowerCase())
  .openapi({ type: "string", pattern: "^[0-9a-f]{40}$", example: "a9993e364706816aba3e25717850c26c9cd0d89d" });

const time = z.iso.datetime();

export const fileSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    size: z.int(),
    sha1: z.string(),
    sha256: z.string(),
    mime: z.string(),
    state: z.enum(["spooled", "stored"]),
    uploadedAt: time,
    updatedAt: time,
  })
  .openapi("File");
export type FileView = z.infer<typeof fileSchema>;

export const listSchema = z.object({ files: z.array(fileSchema), next: z.string().nullable() }).openapi("FileList");

export const querySchema = z.object({
  id: z.string().optional().openapi({ description: "one file by id" }),
  sha1: sha1Schema.optional().openapi({ description: "the newest file of that content" }),
  q: z.string().max(255).optional().openapi({ description: "part of the name, whatever its case" }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().refine(isId, "is not the `next` of a page").optional().openapi({ description: "`next` of the page before" }),
});

export const idQuery = z.object({ id: z.string().min(1) });

export const downloadQuery = idQuery.extend({
  expires: z.string().optional().openapi({ description: "of a signed URL" }),
  signature: z.string().optional().openapi({ description: "of a signed URL" }),
});

export const renameSchema = z.strictObject({ id: z.string().min(1), name: nameSchema });
export const deleteSchema = z.strictObject({ id: z.string().min(1) });
export const downloadUrlSchema = z.object({ url: z.url(), expiresAt: time }).openapi("DownloadUrl");

/** For the document only: the form is read as a stream, not by this schema. */
export const formSchema = z.object({ file: z.array(z.string().openapi({ format: "binary" })) });
export const uploadedSchema = fileSchema.or(z.array(fileSchema));
