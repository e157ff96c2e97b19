import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { formatLogLine, parseLogLine } from "./log_line.ts";
import type { LogEntry } from "./port.ts";

const index = fc.integer({ min: 1, max: 10_000 });
const entry: fc.Arbitrary<LogEntry> = fc.oneof(
  fc.record({ kind: fc.constant("received" as const), index, size: fc.maxSafeNat(), crc32: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant("reopened" as const), index }),
  fc.record({
    kind: fc.constant("digested" as const),
    offset: fc.maxSafeNat(),
    length: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    md5: fc.stringMatching(/^[0-9a-f]{32}$/),
  }),
);

describe("a log line", () => {
  test("is written as documented", () => {
    expect(formatLogLine({ kind: "received", index: 3, size: 8_388_608, crc32: 0xab })).toMatch(
      /^\+ 3 8388608 000000ab [0-9a-f]{8}$/,
    );
    expect(formatLogLine({ kind: "reopened", index: 3 })).toMatch(/^- 3 [0-9a-f]{8}$/);
    const md5 = "00112233445566778899aabbccddeeff";
    expect(formatLogLine({ kind: "digested", offset: 0, length: 16_777_216, md5 })).toMatch(
      /^= 0 16777216 00112233445566778899aabbccddeeff [0-9a-f]{8}$/,
    );
  });

  test("is read as it was written", () => {
    fc.assert(fc.property(entry, (e) => expect(parseLogLine(formatLogLine(e))).toEqual(e)));
  });

  test("is nothing when it is cut anywhere, at either end", () => {
    fc.assert(
      fc.property(entry, (e) => {
        const line = formatLogLine(e);
        for (let i = 1; i < line.length; i++) {
          expect(parseLogLine(line.slice(0, i))).toBeNull();
          expect(parseLogLine(line.slice(i))).toBeNull();
        }
      }),
    );
  });

  test("is nothing when a byte of it is another", () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.integer({ min: 1, max: 255 }), (e, at, flip) => {
        const bytes = Buffer.from(formatLogLine(e), "latin1");
        bytes[at % bytes.length]! ^= flip;
        expect(parseLogLine(bytes.toString("latin1"))).toBeNull();
      }),
    );
  });

  test("refuses numbers that would be written and never read", () => {
    for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21])
      expect(() => formatLogLine({ kind: "reopened", index: bad })).toThrow(RangeError);
    expect(() => formatLogLine({ kind: "received", index: 1, size: -1, crc32: 0 })).toThrow(RangeError);
    expect(() => formatLogLine({ kind: "received", index: 1, size: 1, crc32: -1 })).toThrow(RangeError);
    expect(() => formatLogLine({ kind: "digested", offset: 0, length: 1, md5: "A" })).toThrow(RangeError);
  });
});
