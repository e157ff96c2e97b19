import { z } from "zod";

import { byteSize, duration, integer } from "../../config/mod.ts";
import { AppError } from "../../errors/mod.ts";
import { objectKey } from "../object_key.ts";

const mebibyte = 2 ** 20;

const form = "s3:http://KEY:SECRET@host:port/bucket?…, with / + @ : and % in key and secret percent-encoded";

/** An origin as a client reaches it: `https://files.example.org:8443`, without a path. */
const origin = z.string().transform((text, ctx) => {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return url.origin;
  ctx.addIssue({ code: "custom", message: "must be http:// or https:// with a host, and no path" });
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
  /** A file of the certificates (PEM) that are trusted instead of the system's. */
  caFile: z.string().min(1).optional(),
  /** Put before each key, with a slash between. */
  prefix: prefix.optional(),
  /** "Part size: 5 MiB to 5 GiB" (S3, multipart upload limits). What is not larger than this is put in one piece. */
  partBytes: byteSize.prefault("16MiB").pipe(upTo(5 * mebibyte, 5 * 1024 * mebibyte)),
  /** Parts of one put under way at once. */
  parallel: integer(1, 32).prefault("4"),
  /** How long the head of an answer may take, connecting included, to a request that sends no file. */
  answerTimeout: duration.prefault("10s").pipe(upTo(100, 3_600_000)),
  /** How long a body may stand still, either way. Bun looks every 4 s, so it is up to 8 s later that it ends. */
  idleTimeout: duration.prefault("30s").pipe(upTo(100, 3_600_000)),
  /** Where clients reach the store, if not at `endpoint`: signed URLs are for it. */
  publicEndpoint: origin.optional(),
});

export type S3Settings = z.output<typeof settingsSchema>;

/**
 * Parses `s3:http://KEY:SECRET@host:port/bucket?region=…&partBytes=16MiB…`; key and secret are percent-encoded.
 *
 * @throws {AppError} `invalid-request` that names STORE_URL and what is wrong with it, never the key or the secret.
 */
export function parseS3Url(text: string): S3Settings {
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
  const url = URL.parse(text.replace(/^s3:/i, ""));
  // The cause would quote the whole URL.
  if (url === null) throw wrongUrl(`must be ${form}`);
  const parameters = [...url.searchParams];
  const fixed = { endpoint: url.origin, bucket: url.pathname.slice(1), ...credentials(url) };
  const names = [...Object.keys(fixed), ...parameters.map(([name]) => name)];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw wrongUrl(`${twice} is given twice`);
  return { ...Object.fromEntries(parameters), ...fixed };
}

function credentials(url: URL): { accessKeyId: string; secretAccessKey: string } {
  try {
    return { accessKeyId: decodeURIComponent(url.username), secretAccessKey: decodeURIComponent(url.password) };
  } catch {
    // As above: the cause would quote them.
    throw wrongUrl("key or secret is not percent-encoded: % must be written %25");
  }
}
