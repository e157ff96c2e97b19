import { expect, test } from "bun:test";

import { afterPrefix } from "./names.ts";

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

test.each(["a", "photo (", "😀", "\uD7FF", "a\u{10FFFF}", "a\u{10FFFF}\u{10FFFF}", "é", "half of a pair \uD83D"])(
  "what begins with %j ends before its bound, and what is greater does not",
  (prefix) => {
    const end = afterPrefix(prefix) ?? "";
    for (const rest of ["", " ", "z", "\u{10FFFF}\u{10FFFF}"]) expect(compare(prefix.toWellFormed() + rest, end)).toBe(-1);
    expect(end.isWellFormed()).toBe(true);
    expect(compare(end, prefix.toWellFormed())).toBe(1);
    expect(Array.from(end).length).toBeLessThanOrEqual(Array.from(prefix).length);
  },
);

test("the greatest character has none after it", () => {
  expect(afterPrefix("\u{10FFFF}\u{10FFFF}")).toBeUndefined();
  expect(afterPrefix("")).toBeUndefined();
});
