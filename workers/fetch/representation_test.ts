import { describe, expect, test } from "bun:test";

import { continues, lengthOf, validatorOf } from "./representation.ts";

const head = (fields: Record<string, string>) => ({ field: (name: string) => fields[name] });
const date = "Sat, 21 Nov 2026 03:00:10 GMT";

test.each<[Record<string, string>, string | null]>([
  [{ etag: '"a"' }, '"a"'],
  [{ etag: '""' }, '""'],
  [{ etag: 'W/"a"' }, null],
  [{ etag: "a" }, null],
  [{ etag: '"a" "b"' }, null],
  [{ etag: `"${"a".repeat(300)}"` }, null],
  [{ date, "last-modified": "Sat, 21 Nov 2026 03:00:09 GMT" }, "Sat, 21 Nov 2026 03:00:09 GMT"],
  [{ etag: 'W/"a"', date, "last-modified": "Fri, 20 Nov 2026 03:00:09 GMT" }, "Fri, 20 Nov 2026 03:00:09 GMT"],
  [{ date, "last-modified": date }, null],
  [{ "last-modified": date }, null],
  [{ date, "last-modified": "yesterday" }, null],
  [{}, null],
])("of %p goes on by %p", (fields, validator) => {
  expect(validatorOf(head(fields))).toBe(validator);
});

test.each<[Record<string, string>, number | null]>([
  [{ "content-length": "0" }, 0],
  [{ "content-length": "12" }, 12],
  [{ "content-length": "12", "transfer-encoding": "chunked" }, null],
  [{ "content-length": "9".repeat(20) }, null],
  [{}, null],
])("of %p knows the length %p", (fields, length) => {
  expect(lengthOf(head(fields))).toBe(length);
});

describe("a 206", () => {
  const far = { length: 100, received: 10, validator: '"a"' };
  const range = (value: string, more: Record<string, string> = {}) =>
    continues(head({ "content-range": value, ...more }), 10, far);

  test("goes on", () => {
    expect(range("bytes 10-99/100")).toBe(100);
    expect(range("bytes 10-99/100", { etag: '"a"' })).toBe(100);
    expect(range("bytes 10-99/*")).toBe(100);
    expect(continues(head({ "content-range": "bytes 10-99/100" }), 10, { ...far, length: null })).toBe(100);
    expect(continues(head({ "content-range": "bytes 10-99/*" }), 10, { ...far, length: null })).toBeNull();
  });

  test.each(["bytes 11-99/100", "bytes 0-99/100", "bytes 10-98/99", "bytes */100", "items 10-99/100", "", "bytes 10-/100"])(
    "of %j does not",
    (value) => {
      expect(range(value)).toBeUndefined();
    },
  );

  test("of something else does not", () => {
    expect(range("bytes 10-99/100", { etag: '"b"' })).toBeUndefined();
    expect(range("bytes 10-99/100", { etag: 'W/"a"' })).toBeUndefined();
    const dated = { ...far, validator: date };
    expect(continues(head({ "content-range": "bytes 10-99/100", "last-modified": "now" }), 10, dated)).toBeUndefined();
  });
});
