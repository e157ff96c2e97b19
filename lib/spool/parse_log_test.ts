import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { formatLogLine } from "./log_line.ts";
import { parseLog } from "./parse_log.ts";
import type { LogEntry } from "./port.ts";

const entries: LogEntry[] = [
  { kind: "received", index: 1, size: 262_144, crc32: 0xdeadbeef },
  { kind: "received", index: 10_000, size: 1, crc32: 0 },
  { kind: "reopened", index: 1 },
  { kind: "received", index: 1, size: 262_144, crc32: 7 },
];
const records = entries.map((entry) => `\n${formatLogLine(entry)}`);
const log = Buffer.from(records.join(""));

describe("a chunk log", () => {
  test("that is empty says nothing", () => {
    expect(parseLog(new Uint8Array())).toEqual({ entries: [], end: 0 });
  });

  test("gives its entries in order, the last one without a line feed behind it", () => {
    expect(parseLog(log)).toEqual({ entries, end: log.length });
  });

  test("cut at any byte gives exactly the records before the cut, and ends where the last of them does", () => {
    for (let cut = 0; cut <= log.length; cut++) {
      const whole = records.filter((_, i) => records.slice(0, i + 1).join("").length <= cut);
      expect(parseLog(log.subarray(0, cut))).toEqual({ entries: entries.slice(0, whole.length), end: whole.join("").length });
    }
  });

  test("loses no record that follows a torn one", () => {
    const torn = records[0]!.slice(0, -3);
    const text = `${records[1]}${torn}${records[2]}${torn}`;
    expect(parseLog(Buffer.from(text))).toEqual({ entries: [entries[1]!, entries[2]!], end: text.length - torn.length });
  });

  test("passes over zeros and over bytes that are no text, and still counts in bytes", () => {
    const bytes = Buffer.concat([Buffer.from([0, 0, 10, 0xc3, 0xa4, 0xff]), Buffer.from(records[0]!)]);
    expect(parseLog(bytes)).toEqual({ entries: [entries[0]!], end: bytes.length });
  });

  test("with any bytes flipped says nothing that was not written, and nothing in another order", () => {
    const flips = fc.array(fc.tuple(fc.nat(log.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(flips, (flips) => {
        const bytes = Buffer.from(log);
        for (const [at, flip] of flips) bytes[at]! ^= flip;
        let from = 0;
        for (const entry of parseLog(bytes).entries) {
          const at = entries.findIndex((e, i) => i >= from && Bun.deepEquals(e, entry));
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + 1;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
