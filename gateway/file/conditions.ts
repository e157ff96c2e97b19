import { AppError } from "#lib/errors/mod.ts";

/** What a representation is known by: a strong ETag with its quotes, and its last change in epoch milliseconds. */
export interface Validators {
  etag: string;
  lastModified: number;
}

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110, section 13.2.2.
 *
 * @returns `not-modified` where 304 is the answer, else `go-on`.
 * @throws {AppError} `precondition-failed`.
 */
export function checkConditions(headers: Headers, { etag, lastModified }: Validators): "go-on" | "not-modified" {
  const ifMatch = headers.get("if-match");
  const unmodifiedSince = parseDate(headers.get("if-unmodified-since"));
  if (ifMatch !== null) {
    if (!matches(ifMatch, etag, "strong"))
      throw new AppError("precondition-failed", `If-Match: ${ifMatch} does not name ${etag}`);
  } else if (unmodifiedSince !== null && seconds(lastModified) > seconds(unmodifiedSince)) {
    throw new AppError("precondition-failed", `the file changed after ${new Date(unmodifiedSince).toUTCString()}`);
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) return matches(ifNoneMatch, etag, "weak") ? "not-modified" : "go-on";
  const modifiedSince = parseDate(headers.get("if-modified-since"));
  return modifiedSince !== null && seconds(lastModified) <= seconds(modifiedSince) ? "not-modified" : "go-on";
}

/** Whether `Range` counts: RFC 9110, section 13.1.5. Without `If-Range` it does. */
export function rangeApplies(headers: Headers, { etag, lastModified }: Validators): boolean {
  const ifRange = headers.get("if-range");
  if (ifRange === null) return true;
  if (/^(W\/)?"/.test(ifRange)) return matches(ifRange, etag, "strong");
  const date = parseDate(ifRange);
  return date !== null && seconds(date) === seconds(lastModified);
}

function matches(list: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === "weak" ? tag.replace(/^W\//, "") : tag) === etag);
}

/** The three forms of RFC 9110, section 5.6.7; what is none of them must be ignored, and `Date.parse` reads much more. */
const httpDate = /^(?:[A-Z][a-z]+, [\w -]+ \d\d:\d\d:\d\d GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;

function parseDate(text: string | null): number | null {
  if (text === null || !httpDate.test(text)) return null;
  const time = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(time) ? null : time;
}

/** HTTP dates know whole seconds only. */
function seconds(millis: number): number {
  return Math.floor(millis / 1000);
}
