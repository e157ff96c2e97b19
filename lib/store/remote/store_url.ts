import { z } from "zod";

import { byteSize, duration, integer } from "../../config/mod.ts";
import { AppError } from "../../errors/mod.ts";
import { objectKey } from "../object_key.ts";

const mebibyte = 2 ** 20;

/** An origin as a client reaches it: `https://files.example.org:8443`, without a path. */
export const origin = z.string().transform((text, ctx) => {
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

export const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const upTo = (min: number, max: number) => z.number().min(min).max(max);

/** The parameters that every store over HTTP has. Milliseconds and bytes. */
export const commonParameters = {
  /** A file of the certificates (PEM) that are trusted instead of the system's. */
  caFile: z.string().min(1).optional(),
  /** Put before each key, with a slash between. */
  prefix: prefix.optional(),
  /** Parts of one put under way at once. */
  parallel: integer(1, 32).prefault("4"),
  /** How long the head of an answer may take, connecting included, to a request that sends no file. */
  answerTimeout: duration.prefault("10s").pipe(upTo(100, 3_600_000)),
  /**
   * How long a body may stand still, either way, and for how long a put that fails is tried again. Bun looks every 4 s, so it is
   * up to 8 s later that it ends.
   */
  idleTimeout: duration.prefault("30s").pipe(upTo(100, 3_600_000)),
};

/** Bytes of a part, 5 GiB at most. What is not larger than one is put in one piece. */
export function partBytesFrom(least: number) {
  return byteSize.prefault("16MiB").pipe(upTo(least, 5 * 1024 * mebibyte));
}

/** How a store's URL is taken apart. */
export interface StoreUrlForm {
  scheme: RegExp;
  /** What a URL must look like, for errors. */
  form: string;
  /** What the user and the password of the URL are called. */
  keys: readonly [id: string, secret: string];
}

/**
 * Parses a store's URL by its schema.
 *
 * @throws {AppError} `invalid-request` that names STORE_URL and what is wrong with it, never the key, the secret or a token.
 */
export function parseStoreUrl<T>(text: string, schema: z.ZodType<T>, url: StoreUrlForm): T {
  const result = schema.safeParse(dissect(text, url));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")} ${message}` : message));
  throw wrongUrl(issues.join("; "));
}

/** An error about the URL. What stands before `@` in it is never part of `problem`. */
export function wrongUrl(problem: string, cause?: unknown): AppError {
  return new AppError("invalid-request", `STORE_URL: ${problem}`, cause === undefined ? {} : { cause });
}

/** Parts of a URL, as strings still. A part that the path or the authority gives cannot be given as a parameter too. */
function dissect(text: string, { scheme, form, keys: [id, secret] }: StoreUrlForm): Record<string, string> {
  const url = URL.parse(text.replace(scheme, ""));
  // The cause would quote the whole URL.
  if (url === null) throw wrongUrl(`must be ${form}`);
  const parameters = [...url.searchParams];
  const credentials = { [id]: decoded(url.username), [secret]: decoded(url.password) };
  const fixed = { endpoint: url.origin, bucket: url.pathname.slice(1), ...credentials };
  const names = [...Object.keys(fixed), ...parameters.map(([name]) => name)];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw wrongUrl(`${twice} is given twice`);
  return { ...Object.fromEntries(parameters), ...fixed };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // As above: the cause would quote them.
    throw wrongUrl("key or secret is not percent-encoded: % must be written %25");
  }
}
