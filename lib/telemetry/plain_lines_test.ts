import { expect, test } from "bun:test";

import { createLogger, type LoggerOptions } from "./logger.ts";

/** The same fields as pino's line and as the plain one, without their times. */
function both(fields: Record<string, string | number | undefined>, level: LoggerOptions["level"] = "info"): string[] {
  const lines: string[] = [];
  const log = createLogger({ level, destination: { write: (line) => void lines.push(line) } });
  log.info(fields);
  log.plain(fields);
  return lines.map((line) => line.replace(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, '"time":""'));
}

test.each([
  ["texts and numbers", { requestId: "a", status: 200, ms: 0.125 }],
  ["what is not there", { userId: undefined, path: "/" }],
  ["no number", { ms: Number.NaN, bytes: Number.POSITIVE_INFINITY }],
  ["texts that end a line or a string", { path: '/a"b\\c\nd\u0000\u001f\u2028', address: "\u007f" }],
  ["texts of any script", { path: "/日本語/😀/é/\ud800" }],
])("writes the very line that pino writes: %s", (_, fields) => {
  const [pinos, plain] = both(fields);
  expect(plain).toBe(pinos ?? "none");
});

test("tells the time of each line", async () => {
  const times: number[] = [];
  const write = (line: string) => void times.push(Date.parse(JSON.parse(line).time));
  const log = createLogger({ level: "info", destination: { write } });
  const before = Date.now();
  log.plain({});
  await Bun.sleep(5);
  log.plain({});
  const [first = 0, second = 0] = times;
  expect(first).toBeWithin(before, before + 5000);
  expect(second).toBeGreaterThanOrEqual(first + 4);
});

test("writes nothing when the level is above info", () => {
  expect(both({ path: "/" }, "warn")).toEqual([]);
  expect(both({ path: "/" }, "silent")).toEqual([]);
});
