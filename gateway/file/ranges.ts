import { AppError } from "#lib/errors/mod.ts";
import type { ByteRange } from "#lib/store/mod.ts";

/** More ranges than this in one request are answered with the whole file, as RFC 9110 (14.2) allows. */
const maxRanges = 64;

/**
 * Reads a `Range` header (RFC 9110, section 14.2) against a file of `size` bytes.
 *
 * @returns the ranges that lie in the file, overlapping and adjacent ones joined, in the order asked; or `null`
 *   where the header is absent, of another unit, malformed, or asks for too many: then the whole file is the answer.
 * @throws {AppError} `range-not-satisfiable` when none of the ranges lies in the file.
 */
export function parseRanges(header: string | null, size: number): ByteRange[] | null {
  // "A recipient MUST parse and ignore a reasonable number of empty list elements" (RFC 9110, 5.6.1.2).
  const specs = /^bytes=(.*)$/i
    .exec(header?.trim() ?? "")?.[1]
    ?.split(",")
    .filter((spec) => spec.trim() !== "");
  if (!specs || specs.length === 0 || specs.length > maxRanges) return null;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const range = parseRange(spec.trim(), size);
    if (range === null) return null;
    if (range.length > 0) ranges.push(range);
  }
  if (ranges.length > 0) return join(ranges);
  // RFC 9110, 15.5.17: "A server that generates a 416 response to a byte-range request SHOULD generate a
  // Content-Range header field specifying the current length of the selected representation."
  throw new AppError(
    "range-not-satisfiable",
    `the range ${JSON.stringify(header)} lies outside the file, which has ${size} bytes`,
    {
      headers: { "content-range": `bytes */${size}` },
    },
  );
}

/** One range-spec. `null`: malformed. Length 0: outside the file. */
function parseRange(spec: string, size: number): ByteRange | null {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  if (!match || spec === "-") return null;
  const [first, last] = [match[1] ?? "", match[2] ?? ""];
  if (first === "") {
    const length = Math.min(Number(last), size);
    return { offset: size - length, length };
  }
  const offset = Number(first);
  // "An int-range is invalid if the last-pos value is present and less than first-pos."
  if (last !== "" && Number(last) < offset) return null;
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  return { offset, length: Math.max(0, end - offset) };
}

/** Joins what overlaps or touches, so that nobody is sent the same bytes twice (RFC 9110, 14.2 and 17.15). */
function join(ranges: ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = [];
  for (const range of ranges) {
    const touching = joined.filter((r) => r.offset <= range.offset + range.length && range.offset <= r.offset + r.length);
    const offset = Math.min(range.offset, ...touching.map((r) => r.offset));
    const end = Math.max(range.offset + range.length, ...touching.map((r) => r.offset + r.length));
    const at = touching[0] ? joined.indexOf(touching[0]) : joined.length;
    for (const r of touching) joined.splice(joined.indexOf(r), 1);
    joined.splice(at, 0, { offset, length: end - offset });
  }
  return joined;
}
