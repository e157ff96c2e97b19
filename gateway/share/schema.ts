import { z } from "@hono/zod-openapi";

import { pageQuery } from "../video/schema.ts";
import { sharePassword } from "./password.ts";

const time = z.iso.datetime();
/** Ten years: whoever wants a share for longer wants one without an end. */
const maxExpiresInSeconds = 10 * 366 * 86_400;

const shownFields = {
  code: z.string().openapi({ example: "k7m2p9xqw4tzh8" }),
  url: z.url().openapi({ description: "the page to open it by" }),
  name: z.string(),
  size: z.int(),
  username: z.string().openapi({ description: "whose it is" }),
  hasPassword: z.boolean(),
  expiresAt: time.nullable(),
  maxDownloads: z.int().nullable(),
  downloads: z.int(),
  views: z.int(),
  createdAt: time,
};

/** A share in a list of others' shares. */
export const listedShareSchema = z.object(shownFields).openapi("ListedShare");
export type ListedShareView = z.infer<typeof listedShareSchema>;

/** A share as who may open it sees it. */
export const shareSchema = z
  .object({
    ...shownFields,
    mime: z.string(),
    downloadUrl: z.url().openapi({ description: "works without password and token until `downloadUrlExpiresAt`" }),
    downloadUrlExpiresAt: time,
  })
  .openapi("Share");
export type ShareView = z.infer<typeof shareSchema>;

/** A share as its owner sees it. */
export const ownShareSchema = z
  .object({
    ...shownFields,
    fileId: z.string(),
    listed: z.boolean(),
    with: z.string().nullable().openapi({ description: "the one user that it is for" }),
  })
  .openapi("OwnShare");
export type OwnShareView = z.infer<typeof ownShareSchema>;

export const shareListSchema = z
  .object({ shares: z.array(ownShareSchema.or(listedShareSchema)), next: z.string().nullable() })
  .openapi("ShareList");
export const topSchema = z.object({ shares: z.array(listedShareSchema) }).openapi("TopShares");

export const newShareBody = z
  .strictObject({
    fileId: z.string().min(1),
    password: sharePassword.optional(),
    expiresIn: z
      .int()
      .min(1)
      .max(maxExpiresInSeconds)
      .optional()
      .openapi({ description: "seconds; without it, it does not expire" }),
    maxDownloads: z.int().min(1).max(1_000_000_000).optional(),
    listed: z.boolean().optional().openapi({ description: "shown to everybody at `/share/top`, by its name" }),
    with: z.string().optional().openapi({ description: "a username: for that user alone, who needs no password" }),
  })
  .refine((body) => body.with === undefined || body.listed !== true, {
    path: ["listed"],
    error: "what is for one user alone cannot be shown to everybody",
  })
  .openapi("NewShare");
export type NewShare = z.output<typeof newShareBody>;

export const shareParams = z.object({
  code: z.string().openapi({ param: { name: "code", in: "path" }, example: "k7m2p9xqw4tzh8" }),
});
export const shareHeaders = z.object({
  "x-share-password": z.string().optional().openapi({ description: "percent-encoded UTF-8" }),
});
export const shareListQuery = pageQuery.extend({
  with: z.literal("me").optional().openapi({ description: "those that others share with the caller, not the caller's own" }),
});
export type ShareListQuery = z.output<typeof shareListQuery>;
export const topQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });
export const shareDownloadQuery = z.object({
  expires: z.string().optional().openapi({ description: "of a `downloadUrl`" }),
  signature: z.string().optional().openapi({ description: "of a `downloadUrl`" }),
});
