import { expect, test } from "bun:test";

import { endsOf } from "./local_file.ts";

test.each([
  [0, []],
  [1, [[0, 1]]],
  [20, [[0, 20]]],
  [
    21,
    [
      [0, 10],
      [11, 10],
    ],
  ],
  [
    1e12,
    [
      [0, 10],
      [1e12 - 10, 10],
    ],
  ],
])("of %d bytes these are fetched", (size, ranges) => {
  expect(endsOf(size, 10).map(({ offset, length }) => [offset, length])).toEqual(ranges);
});
