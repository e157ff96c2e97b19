import { isIP } from "node:net";

import { z } from "zod";

import { commonParameters, flag, origin, parseStoreUrl, partBytesFrom } from "../remote/store_url.ts";

const kibibyte = 2 ** 10;

const form = "oss:https://KEY:SECRET@host/bucket?region=…, with / + @ : and % in key and secret percent-encoded";

/** By name: the SDK drops the bucket from the requests to an address. */
const namedOrigin = origin.refine(
  (text) => isIP(new URL(text).hostname.replace(/^\[|\]$/g, "")) === 0,
  "must be http:// or https:// with a host's name, and no path",
);

/** What a store's URL says. Milliseconds and bytes. */
const settingsSchema = z
  .strictObject({
    /** Where clients reach the bucket: signed URLs are for it, and all else too where there is no `internal`. */
    endpoint: namedOrigin,
    /** Where this machine reaches it, without traffic that is paid for: `https://oss-cn-hangzhou-internal.aliyuncs.com`. */
    internal: namedOrigin.optional(),
    /** "3 to 63 characters; lowercase letters, digits and hyphens; start and end with a letter or digit" (OSS, bucket naming). */
    bucket: z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "must be one name of 3 to 63 of a-z 0-9 -"),
    accessKeyId: z.string(),
    accessKeySecret: z.string(),
    /** Of a temporary account of STS. */
    securityToken: z.string().min(1).optional(),
    /** Key, secret and token in a file of JSON, which is read again as it changes. */
    credentialsFile: z.string().min(1).optional(),
    /** `cn-hangzhou`: part of what V4 signs. */
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, "must be a name of lower-case letters, digits and hyphens, such as cn-hangzhou")
      .transform((name) => name.replace(/^oss-/, ""))
      .optional(),
    /** V1 "is no longer available for new buckets" (Aliyun's notice, from 1 September 2025). */
    signature: z.enum(["v4", "v1"]).prefault("v4"),
    /** The bucket in the path of a URL, not in its host name; Aliyun's own endpoints refuse that. */
    pathStyle: flag.prefault("false"),
    /** "Part size: 100 KB to 5 GB" (OSS, multipart upload). */
    partBytes: partBytesFrom(100 * kibibyte),
    ...commonParameters,
  })
  .superRefine((settings, ctx) => {
    const needs = (name: string, message: string) => ctx.addIssue({ code: "custom", path: [name], message });
    const { accessKeyId, accessKeySecret, credentialsFile, signature, region } = settings;
    if (credentialsFile === undefined && accessKeyId === "") needs("accessKeyId", `is missing: must be ${form}`);
    if (credentialsFile === undefined && accessKeySecret === "") needs("accessKeySecret", `is missing: must be ${form}`);
    if (credentialsFile !== undefined && accessKeyId !== "") needs("credentialsFile", "and a key before @ are both given");
    if (signature === "v4" && region === undefined) needs("region", "is missing: signature V4 needs it, such as cn-hangzhou");
  });

export type OssSettings = z.output<typeof settingsSchema>;

/**
 * Parses `oss:https://KEY:SECRET@host/bucket?region=cn-hangzhou…`; key and secret are percent-encoded.
 *
 * @throws {AppError} as {@link parseStoreUrl} does.
 */
export function parseOssUrl(text: string): OssSettings {
  return parseStoreUrl(text, settingsSchema, { scheme: /^oss:/i, form, keys: ["accessKeyId", "accessKeySecret"] });
}
