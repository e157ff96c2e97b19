import { AppError, isAppError } from "../../errors/mod.ts";
import { ask } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import { type Refusal, refusalOf } from "../remote/refusal.ts";
import { wrongUrl } from "../remote/store_url.ts";
import type { Connection } from "./connection.ts";
import { uploadsQuery } from "./uploads.ts";

/**
 * Sees that the bucket is there and may be used. It is not made where it is missing: region, redundancy and who pays are for a person
 * to choose, and a name that is mistyped may be somebody else's bucket.
 *
 * @throws {AppError} `unavailable` when the store does not answer, `invalid-request` when it refuses: each names STORE_URL.
 */
export async function openBucket(oss: Connection): Promise<void> {
  try {
    await lookAtBucket(oss, new AbortController().signal);
  } catch (error) {
    throw explain(error, oss);
  }
}

/** By a listing that a put needs, too: a HEAD would say less, and other listings need other rights. */
export async function lookAtBucket(oss: Connection, signal: AbortSignal): Promise<void> {
  const { bucket, endpoint } = oss.settings;
  const name = await ask(quickly(oss, "asking for the bucket", signal), async (signal) =>
    oss.ask({ signal }, async (client) => (await client.listUploads(uploadsQuery(oss.prefix, 1))).bucket),
  );
  if (name !== bucket) throw wrongUrl(`${endpoint} is no OSS: its answer is no listing of ${bucket}`);
}

const reasons: Record<string, string> = {
  InvalidAccessKeyId: "it does not know the key",
  SignatureDoesNotMatch: "the secret does not belong to the key",
  InvalidSecurityToken: "the token does not belong to the key",
  SecurityTokenExpired: "the token has expired",
  AccessDenied: "the key may not use the bucket, or it is at another endpoint",
  NoSuchBucket: "the bucket is missing: make it, private, in the region of the endpoint",
  RequestTimeTooSkewed: "this machine's clock and the store's differ by more than 15 minutes",
  SecondLevelDomainForbidden: "it takes no pathStyle",
};

/** `ask` has wrapped what was thrown. */
function explain(error: unknown, { settings }: Connection): unknown {
  if (!isAppError(error, "unavailable", "internal")) return error;
  const { bucket, endpoint, internal = endpoint, region } = settings;
  const where = `${internal}, bucket ${bucket}, region ${region ?? "not said"}`;
  const refusal = refusalOf(error.cause);
  if (refusal !== null) return wrongUrl(`${where}: ${sentence(refusal)}`, error.cause);
  return new AppError("unavailable", `STORE_URL: ${where}: the store cannot be reached: ${causeOf(error)}`, { cause: error });
}

function sentence({ name, status }: Refusal): string {
  const reason = reasons[name];
  return `the store answers ${status} ${name}${reason === undefined ? "" : `: ${reason}`}`;
}

/** What the connection's error says of itself; it knows hosts and ports, but neither key nor secret. */
function causeOf({ cause, message }: AppError): string {
  return cause instanceof Error ? cause.message : message;
}
