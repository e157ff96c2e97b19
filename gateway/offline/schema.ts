import { z } from "@hono/zod-openapi";

import { nameSchema } from "../file/name.ts";
import { sha1Schema } from "../file/schema.ts";

export const offlineSchema = z.strictObject({
  url: z.string().max(2048).openapi({ example: "https://example.org/debian.iso", description: "http or https" }),
  name: nameSchema.optional().openapi({ description: "what the server calls it, by default" }),
  sha1: sha1Schema.optional().openapi({ description: "what its bytes must hash to" }),
});

export const offlineStartedSchema = z
  .object({ uploadId: z.string().openapi({ description: "to be followed with mpupload/status" }) })
  .openapi("OfflineDownload");
