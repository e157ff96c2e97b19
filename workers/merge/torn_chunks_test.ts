import { expect, test } from "bun:test";

import { tornChunks } from "./torn_chunks.ts";

const received = (index: number, crc32: number) => ({ kind: "received" as const, index, size: 1, crc32 });
const reopened = (index: number) => ({ kind: "reopened" as const, index });

test("none is torn where each is as the log says", () => {
  expect(tornChunks([received(2, 20), received(1, 10)], [10, 20])).toEqual([]);
  expect(tornChunks([], [])).toEqual([]);
});

test("those are that differ from the log, or of which it says nothing", () => {
  expect(tornChunks([received(1, 10), received(2, 21)], [10, 20, 30])).toEqual([2, 3]);
});

test("what the log says of spans is about no chunk", () => {
  const digested = { kind: "digested" as const, offset: 0, length: 2, md5: "" };
  expect(tornChunks([received(1, 10), digested, received(2, 20), digested], [10, 20])).toEqual([]);
});

test("what was said last counts", () => {
  expect(tornChunks([received(1, 11), received(1, 10)], [10])).toEqual([]);
  expect(tornChunks([received(1, 10), reopened(1)], [10])).toEqual([1]);
  expect(tornChunks([received(1, 11), reopened(1), received(1, 10)], [10])).toEqual([]);
});
