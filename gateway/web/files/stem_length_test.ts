import { expect, test } from "bun:test";

import { stemLength } from "./stem_length.ts";

test.each([
  ["a.txt", 1],
  ["a.tar.gz", 5],
  [".env", 4],
  ["README", 6],
])("of %s are %d letters", (name, length) => {
  expect(stemLength(name)).toBe(length);
});
