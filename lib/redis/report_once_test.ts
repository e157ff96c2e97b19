import { expect, test } from "bun:test";

import { createReportOnce } from "./report_once.ts";

function reporting() {
  const told: string[] = [];
  const clock = { now: 0 };
  const report = createReportOnce(
    ({ message }) => void told.push(message),
    () => clock.now,
  );
  return { told, clock, report };
}

test("tells of an outage once, and of the next one again", () => {
  const { told, report } = reporting();
  report.lost(new Error("a"));
  report.lost(new Error("b"));
  report.back();
  report.back();
  report.lost(new Error("c"));
  expect(told).toEqual(["a", "c"]);
});

test("tells of a refusal in an outage, even where it began otherwise", () => {
  const { told, report } = reporting();
  report.lost(new Error("a"));
  report.refused(new Error("b"));
  report.refused(new Error("c"));
  report.lost(new Error("d"));
  report.back();
  report.refused(new Error("e"));
  report.lost(new Error("f"));
  expect(told).toEqual(["a", "b", "e"]);
});

test("tells of each kind of failure once a minute", () => {
  const { told, clock, report } = reporting();
  const failAt = (now: number, kind: string) => {
    clock.now = now;
    report.failed(kind, new Error(`${kind}${now}`));
  };
  failAt(0, "OOM");
  failAt(59_999, "OOM");
  failAt(59_999, "READONLY");
  failAt(60_000, "OOM");
  expect(told).toEqual(["OOM0", "READONLY59999", "OOM60000"]);
});
