import { isIP } from "node:net";

import { z } from "zod";

import { byteSize, duration, integer } from "../../config/mod.ts";
import { AppError } from "../../errors/mod.ts";
import { objectKey } from "../object_key.ts";

const [kibibyte, mebibyte] = [2 ** 10, 2 ** 20];

const form = "oss:https://KEY:SECRET@host/bucket?region=…, with / + @ : and % in key and secret percent-encoded";

/** An origin by name: the SDK drops the bucket from the requests to an address. */
const origin = z.string().transform((text, ctx) => {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin && isIP(url.hostname.replace(/^\[|\]$/g, "")) === 0) return url.origin;
  ctx.addIssue({ code: "custom", message: "must be http:// or https:// with a host's name, and no path" });
  return z.NEVER;
});

const prefix = z.string().transform((text, ctx) => {
  try {
    return objectKey(text.replace(/\/$/, ""));
  } catch {
    // The error is about keys; this one names what is to be changed.
    ctx.addIssue({ code: "custom", message: 'must be names of 0-9 A-Z a-z _ . - parted by "/"' });
    return z.NEVER;
  }
});

const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const upTo = (min: number, max: number) => z.number().min(min).max(max);

/** What a store's URL says. Milliseconds and bytes. */
const settingsSchema = z
  .strictObject({
    /** Where clients reach the bucket: signed URLs are for it, and all else too where there is no `internal`. */
    endpoint: origin,
    /** Where this machine reaches it, without traffic that is paid for: `https://oss-cn-hangzhou-internal.aliyuncs.com`. */
    internal: origin.optional(),
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
    /** A file of the certificates (PEM) that are trusted instead of the system's. */
    caFile: z.string().min(1).optional(),
    /** Put before each key, with a slash between. */
    prefix: prefix.optional(),
    /** "Part size: 100 KB to 5 GB" (OSS, multipart upload). What is not larger than this is put in one piece. */
    partBytes: byteSize.prefault("16MiB").pipe(upTo(100 * kibibyte, 5 * 1024 * mebibyte)),
    /** Parts of one put under way at once. */
    parallel: integer(1, 32).prefault("4"),
    /** How long the head of an answer may take, connecting included, to a request that sends no file. */
    answerTimeout: duration.prefault("10s").pipe(upTo(100, 3_600_000)),
    /** How long a body may stand still, and for how long a put that fails is tried again. */
    idleTimeout: duration.prefault("30s").pipe(upTo(100, 3_600_000)),
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
 * @throws {AppError} `invalid-request` that names STORE_URL and what is wrong with it, never the key, the secret or the token.
 */
export function parseOssUrl(text: string): OssSettings {
  const result = settingsSchema.safeParse(dissect(text));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")} ${message}` : message));
  throw wrongUrl(issues.join("; "));
}

/** An error about the URL. What stands before `@` in it is never part of `problem`. */
export function wrongUrl(problem: string, cause?: unknown): AppError {
  return new AppError("invalid-request", `STORE_URL: ${problem}`, cause === undefined ? {} : { cause });
}

/** Parts of a URL, as strings still. A part that the path or the authority gives cannot be given as a parameter too. */
function dissect(text: string): Record<string, string> {
  const url = URL.parse(text.replace(/^oss:/i, ""));
  // The cause would quote the whole URL.
  if (url === null) throw wrongUrl(`must be ${form}`);
  const parameters = [...url.searchParams];
  const fixed = { endpoint: url.origin, bucket: url.pathname.slice(1), ...credentials(url) };
  const names = [...Object.keys(fixed), ...parameters.map(([name]) => name)];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw wrongUrl(`${twice} is given twice`);
  return { ...Object.fromEntries(parameters), ...fixed };
}

function credentials(url: URL): { accessKeyId: string; accessKeySecret: string } {
  try {
    return { accessKeyId: decodeURIComponent(url.username), accessKeySecret: decodeURIComponent(url.password) };
  } catch {
    // As above: the cause would quote them.
    throw wrongUrl("key or secret is not percent-encoded: % must be written %25");
  }
}
