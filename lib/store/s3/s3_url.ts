import { z } from "zod";

import { commonParameters, flag, origin, parseStoreUrl, partBytesFrom } from "../remote/store_url.ts";

const mebibyte = 2 ** 20;

const form = "s3:http://KEY:SECRET@host:port/bucket?…, with / + @ : and % in key and secret percent-encoded";

/** What a store's URL says. Milliseconds and bytes. */
const settingsSchema = z.strictObject({
  endpoint: origin,
  /** "Bucket names must be between 3 and 63 characters long", of lower-case letters, digits, dots and hyphens (S3, naming rules). */
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be one name of 3 to 63 of a-z 0-9 . -"),
  accessKeyId: z.string().min(1, `is missing: must be ${form}`),
  secretAccessKey: z.string().min(1, `is missing: must be ${form}`),
  region: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, "must be a name of letters, digits and hyphens")
    .prefault("us-east-1"),
  /** The bucket in the path of a URL, not in its host name. */
  pathStyle: flag.prefault("true"),
  /** "Part size: 5 MiB to 5 GiB" (S3, multipart upload limits). */
  partBytes: partBytesFrom(5 * mebibyte),
  /** Where clients reach the store, if not at `endpoint`: signed URLs are for it. */
  publicEndpoint: origin.optional(),
  ...commonParameters,
});

export type S3Settings = z.output<typeof settingsSchema>;

/**
 * Parses `s3:http://KEY:SECRET@host:port/bucket?region=…&partBytes=16MiB…`; key and secret are percent-encoded.
 *
 * @throws {AppError} as {@link parseStoreUrl} does.
 */
export function parseS3Url(text: string): S3Settings {
  return parseStoreUrl(text, settingsSchema, { scheme: /^s3:/i, form, keys: ["accessKeyId", "secretAccessKey"] });
}
