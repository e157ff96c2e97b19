import { expect, test } from "bun:test";

import { digestsIn } from "./digests_in.ts";
import type { LogEntry } from "./port.ts";

const span = { offset: 0, length: 10, md5: "00112233445566778899aabbccddeeff" };
const digested: LogEntry = { kind: "digested", ...span };
const received: LogEntry = { kind: "received", index: 1, size: 10, crc32: 7 };

test("tells what a log says of spans", () => {
  expect(digestsIn([])).toEqual([]);
  expect(digestsIn([received])).toEqual([]);
  const other = { offset: 10, length: 5, md5: span.md5 };
  expect(digestsIn([received, digested, { kind: "digested", ...other }])).toEqual([span, other]);
});

test("believes nothing that was said before the bytes changed", () => {
  expect(digestsIn([received, digested, { kind: "reopened", index: 1 }])).toEqual([]);
  expect(digestsIn([digested, received])).toEqual([]);
  expect(digestsIn([digested, received, digested])).toEqual([span]);
});
