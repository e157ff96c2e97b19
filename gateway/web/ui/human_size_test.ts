import { expect, test } from "bun:test";

import { humanSize } from "./human_size.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [1500, "1.50 kB"],
  [9994, "9.99 kB"],
  [9999, "10.0 kB"],
  [99_949, "99.9 kB"],
  [99_950, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.00 MB"],
  [20 * 1024 * 1024, "21.0 MB"],
  [5e12, "5.00 TB"],
  [3e18, "3000 PB"],
])("%d bytes are %s", (bytes, text) => {
  expect(humanSize(bytes)).toBe(text.replace(" ", "\u00a0"));
});
