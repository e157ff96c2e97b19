import { expect, test } from "bun:test";

import { createLogger, type LoggerOptions } from "./logger.ts";

function setup(level: LoggerOptions["level"] = "info") {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: createLogger({ level, destination: { write: (line) => void lines.push(JSON.parse(line)) } }) };
}

test("writes JSON lines with times in RFC 3339", () => {
  const { lines, log } = setup();
  log.info({ route: "/file/query", status: 200 }, "request");
  expect(lines).toMatchObject([{ level: 30, msg: "request", route: "/file/query", status: 200, pid: process.pid }]);
  expect(lines[0]?.["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("leaves out what is below its level", () => {
  const { lines, log } = setup("warn");
  log.info("no");
  log.warn("yes");
  setup("silent").log.error("no");
  expect(lines.map(({ msg }) => msg)).toEqual(["yes"]);
});

test("replaces secrets in fields and in a child's bindings", () => {
  const { lines, log } = setup();
  log.child({ token: "t", node: "n" }).info({ password: "p", headers: { authorization: "a" } }, "request");
  expect(lines).toMatchObject([
    { token: "[redacted]", node: "n", password: "[redacted]", headers: { authorization: "[redacted]" } },
  ]);
});

test("writes an error with its stack and its cause", () => {
  const { lines, log } = setup();
  log.error({ err: new Error("above", { cause: new Error("beneath") }) }, "failed");
  const err = JSON.stringify(lines[0]?.["err"]);
  expect(err).toContain("above");
  expect(err).toContain("beneath");
  expect(err).toContain("logger_test.ts");
});
