import type { Transferred } from "#db/fetches.ts";
import type { RemoteAnswer } from "#lib/remote/mod.ts";

type Head = Pick<RemoteAnswer, "field">;

/** As the row has room for it. */
const maxValidatorLength = 255;

/**
 * What an `If-Range` may say of a representation: a strong entity tag, or a `Last-Modified` that is strong, too. RFC 9110,
 * 13.1.5: "A client MUST NOT generate an If-Range header field containing an entity tag that is marked as weak"; 8.8.2.2: a
 * date is strong if "the Last-Modified time is at least one second before the Date value".
 *
 * @returns `null` where there is none: such a transfer cannot be gone on with.
 */
export function validatorOf({ field }: Head): string | null {
  const etag = field("etag");
  if (etag !== undefined && etag.length <= maxValidatorLength && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)) return etag;
  const modified = field("last-modified");
  const isStrong = modified !== undefined && Date.parse(field("date") ?? "") - Date.parse(modified) >= 1000;
  return isStrong && modified.length <= maxValidatorLength ? modified : null;
}

/** Bytes of a whole representation, as the head of a 200 says; `null` where it does not. */
export function lengthOf({ field }: Head): number | null {
  const length = field("content-length");
  // RFC 9112, 6.1: beside a transfer coding the length means nothing.
  if (length === undefined || field("transfer-encoding") !== undefined || !/^\d+$/.test(length)) return null;
  return Number.isSafeInteger(Number(length)) ? Number(length) : null;
}

/**
 * Whether a 206 goes on with what is there: from `position`, of the same length, and of the same representation. A server
 * that minds the range and not the `If-Range` is found out by its validators.
 *
 * @returns the length of the whole; `null` where it is not told, `undefined` where the answer is of something else.
 */
export function continues({ field }: Head, position: number, { length, validator }: Transferred): number | null | undefined {
  // RFC 9110, 14.4
  const [, first, , total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(field("content-range") ?? "") ?? [];
  if (first === undefined || Number(first) !== position) return undefined;
  const now = validator?.startsWith('"') ? field("etag") : field("last-modified");
  if (now !== undefined && now !== validator) return undefined;
  if (total === "*") return length;
  return length === null || Number(total) === length ? Number(total) : undefined;
}
