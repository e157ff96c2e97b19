import { expect, test } from "bun:test";

import { logHeaderBytes, newLogHeader, parseLogHeader } from "./log_header.ts";
import { parseLog } from "./parse_log.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

test("a header is read as it was written, and is of a fixed length", () => {
  const header = newLogHeader();
  expect(header.length).toBe(logHeaderBytes);
  expect(parseLogHeader(bytes(header))).toBe(header.slice(3, 29));
});

test("each is another, and a later one sorts last", () => {
  const borns = Array.from({ length: 1000 }, () => parseLogHeader(bytes(newLogHeader())) ?? "");
  expect(new Set(borns).size).toBe(1000);
  expect(borns.toSorted()).toEqual(borns);
});

test("one that is cut, zeroed or flipped is none", () => {
  const header = newLogHeader();
  for (let length = 0; length < header.length; length++) expect(parseLogHeader(bytes(header.slice(0, length)))).toBe(null);
  expect(parseLogHeader(new Uint8Array(logHeaderBytes))).toBe(null);
  for (let at = 0; at < header.length; at++) {
    const flipped = bytes(header);
    flipped[at]! ^= 1;
    expect(parseLogHeader(flipped)).toBe(null);
  }
});

test("a reader of records passes over it", () => {
  expect(parseLog(bytes(newLogHeader()))).toEqual({ entries: [], end: 0 });
});
