import { AppError } from "#lib/errors/mod.ts";
import type { RemoteAnswer } from "#lib/remote/mod.ts";

/** Statuses of the 4xx that pass: RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4. */
const passing = new Set([408, 425, 429]);

/** An answer that is none: `source-failed` where it may be another the next time, else `source-refused`. */
export function statusError({ status, url, field }: Pick<RemoteAnswer, "status" | "url" | "field">, now: number): AppError {
  const said = `${url.host} answered ${status}`;
  if (status < 500 && !passing.has(status)) return new AppError("source-refused", said);
  const seconds = retryAfter(field("retry-after"), now);
  return new AppError("source-failed", said, seconds === undefined ? {} : { retryAfterSeconds: seconds });
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
