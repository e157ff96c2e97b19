import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { isAppError } from "#lib/errors/mod.ts";

import { parseRanges } from "../../gateway/file/ranges.ts";

/** A range as a client writes it; the numbers may lie outside of any file. */
type Spec = [first: number | "", last: number | ""];

const position = fc.oneof(fc.nat(60), fc.constantFrom(0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER));
const spec: fc.Arbitrary<Spec> = fc.oneof(
  fc.tuple(position, position).map(([a, b]): Spec => [Math.min(a, b), Math.max(a, b)]),
  fc.tuple(position, fc.constant("" as const)),
  fc.tuple(fc.constant("" as const), position),
);
const size = fc.nat(50);
const write = (specs: Spec[]) => `bytes=${specs.map(([first, last]) => `${first}-${last}`).join(",")}`;

/** Which bytes of the file a range asks for, told byte by byte. */
function asks([first, last]: Spec, size: number, byte: number): boolean {
  if (first === "") return byte >= size - Number(last);
  return byte >= first && (last === "" || byte <= last);
}

/** `null` when none lies in the file. */
function parse(header: string, size: number) {
  try {
    return { ranges: parseRanges(header, size) };
  } catch (error) {
    if (!isAppError(error, "range-not-satisfiable")) throw error;
    expect(error.headers).toEqual({ "content-range": `bytes */${size}` });
    return null;
  }
}

test("what is given is just what was asked for, each byte once, and all of it in the file", () => {
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 8 }), size, (specs, size) => {
      const bytes = Array.from({ length: size }, (_, byte) => byte);
      const wanted = bytes.filter((byte) => specs.some((each) => asks(each, size, byte)));
      const parsed = parse(write(specs), size);
      if (wanted.length === 0) return expect(parsed).toBeNull();
      const given = (parsed?.ranges ?? []).flatMap(({ offset, length }) => {
        expect(length).toBeGreaterThan(0);
        return Array.from({ length }, (_, i) => offset + i);
      });
      expect(given.toSorted((a, b) => a - b)).toEqual(wanted);
    }),
    { numRuns: 2000 },
  );
});

test("no two of the ranges given overlap or touch, and they come in the order asked", () => {
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 8 }), size, (specs, size) => {
      const ranges = parse(write(specs), size)?.ranges ?? [];
      for (const [i, a] of ranges.entries()) {
        for (const b of ranges.slice(i + 1)) {
          expect(a.offset + a.length < b.offset || b.offset + b.length < a.offset).toBe(true);
        }
      }
      // Each one holds what some spec asks for, and the first such specs come in the same order.
      const askedAt = ranges.map(({ offset, length }) =>
        specs.findIndex((each) => Array.from({ length }, (_, i) => offset + i).some((byte) => asks(each, size, byte))),
      );
      expect(askedAt).toEqual(askedAt.toSorted((a, b) => a - b));
    }),
    { numRuns: 2000 },
  );
});

test("spaces and empty elements of the list change nothing", () => {
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 5 }), size, (specs, size) => {
      const airy = write(specs).replaceAll(",", " , , ").replace("=", "= ");
      expect(parse(airy, size)).toEqual(parse(write(specs), size));
    }),
  );
});

test("whatever a client writes is a range, the whole, or not satisfiable, and nothing else", () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^bytes=[0-9,\- ]{0,30}$/),
    fc.stringMatching(/^bytes=[0-9a-z.,\- ]{0,30}$/),
  );
  fc.assert(
    fc.property(text, size, (header, size) => {
      for (const { offset, length } of parse(header, size)?.ranges ?? []) {
        expect(offset >= 0 && length > 0 && offset + length <= size).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("with a part that is malformed, the whole is the answer", () => {
  const bad = fc.constantFrom("-", "a-b", "5-2", "1", "1-2-3", "--1", "0x1-2", "1.5-2", "+1-2", "１-２");
  fc.assert(
    fc.property(fc.array(spec, { maxLength: 4 }), bad, fc.nat(4), size, (specs, bad, at, size) => {
      const parts = specs.map(([first, last]) => `${first}-${last}`);
      parts.splice(at, 0, bad);
      expect(parse(`bytes=${parts.join(",")}`, size)).toEqual({ ranges: null });
    }),
  );
});
