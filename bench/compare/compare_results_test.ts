import { expect, test } from "bun:test";

import { figure, resultOf } from "../result/testing.ts";
import { compareResults } from "./compare_results.ts";

const options = { threshold: 0.8, by: "rate" as const };
const named = (lines: ReturnType<typeof compareResults>) => lines.map(({ name, ratio, isWorse }) => [name, ratio, isWorse]);

test("tells the ratio of the medians, and calls worse what is below the threshold beyond all noise", () => {
  const a = resultOf({ routes: [figure(), figure({ title: "by sha1" }), figure({ connections: 64 })] });
  const b = resultOf({
    routes: [
      figure({ perSecond: { median: 500, low: 400, high: 700 } }),
      // As slow, but its best run is as fast as A's worst.
      figure({ title: "by sha1", perSecond: { median: 500, low: 400, high: 900 } }),
      // Slower beyond all noise, but not by as much as was allowed.
      figure({ connections: 64, perSecond: { median: 810, low: 800, high: 850 } }),
    ],
  });
  expect(named(compareResults(a, b, options))).toEqual([
    ["GET /file/query (by id), drive, 8", 0.5, true],
    ["GET /file/query (by sha1), drive, 8", 0.5, false],
    ["GET /file/query (by id), drive, 64", 0.81, false],
  ]);
});

test("compares shares of the bare Hono route where it is asked to", () => {
  const slow = { median: 1000, low: 900, high: 1100 };
  const { latencyMs } = figure();
  const a = resultOf({
    routes: [figure({ floors: { hono: { perSecond: { median: 2000, low: 1900, high: 2100 }, latencyMs } } })],
  });
  const b = resultOf({
    routes: [
      figure({ perSecond: { median: 500, low: 450, high: 550 }, floors: { hono: { perSecond: slow, latencyMs } } }),
      figure({ title: "without a floor", floors: {} }),
    ],
  });
  expect(named(compareResults(a, b, { ...options, by: "floor" }))).toEqual([["GET /file/query (by id), drive, 8", 1, false]]);
});

test("compares sizes, and the goals of scenarios that have no routes; of what is to be low, less is better", () => {
  const spread = (median: number) => ({ median, low: median, high: median });
  const of = (rate: number, ratio: number, memory: number) =>
    resultOf({
      sizes: [{ what: "download", bytes: 4096, megabytesPerSecond: spread(rate), floor: spread(100) }],
      goals: [
        { name: "upload of discard", value: ratio, unit: "×", atLeast: 0.8 },
        { name: "peak memory", value: memory, unit: "MB", atMost: 150 },
      ],
    });
  expect(named(compareResults(of(50, 0.8, 100), of(60, 0.4, 200), options))).toEqual([
    ["download, 4096 bytes", 1.2, false],
    ["scenario: upload of discard", 0.5, true],
    ["scenario: peak memory", 0.5, true],
  ]);
});

test("leaves out what only one of them has", () => {
  expect(compareResults(resultOf({ routes: [figure()] }), resultOf({ routes: [figure({ place: "cluster" })] }), options)).toEqual(
    [],
  );
});
