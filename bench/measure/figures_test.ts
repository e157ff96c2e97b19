import { describe, expect, test } from "bun:test";

import { figure } from "../result/testing.ts";
import { figureOf } from "./figure_of.ts";
import { goalsOf } from "./goals.ts";
import { profileOf } from "./profile_of.ts";
import { ratioTo } from "./ratio_to.ts";
import { rowOf } from "./row_of.ts";
import type { Run } from "./run_once.ts";

const run = (perSecond: number, p50: number, cpuSeconds: number): Run => ({
  requests: perSecond,
  perSecond,
  latency: { p50, p975: p50 * 2, p99: p50 * 3 },
  processes: { sluice: { cpuSeconds, rssBytes: perSecond } },
});

test("a figure is the median of its runs, with all their requests and CPU", () => {
  expect(figureOf([run(100, 3, 1), run(300, 1, 2), run(200, 2, 4)])).toEqual({
    requests: 600,
    perSecond: { median: 200, low: 100, high: 300 },
    latencyMs: { p50: 2, p975: 4, p99: 6 },
    // What it had after the last run.
    processes: { sluice: { cpuSeconds: 7, rssBytes: 200 } },
  });
});

test("a figure's row tells rate, spread, shares, and the CPU of one request", () => {
  const row = rowOf(figure({ roundTrip: { what: "SELECT 1 by mysql2", perSecond: 4000 } }));
  expect(row).toMatchObject({ route: "GET /file/query (by id)", place: "drive", conns: 8, "req/s": 1000, "±%": 10 });
  expect(row).toMatchObject({ "of Hono": 0.5, "of nginx": "", "of its round trip": 0.25, "CPU µs": 500, "RSS MB": 100 });
});

test("a figure of a drive whose processes are out of reach tells nothing of them", () => {
  expect(rowOf(figure({ processes: {} }))).toMatchObject({ "CPU µs": "", "RSS MB": "" });
});

test("there is no share of a bare server that was not asked", () => {
  expect(ratioTo(figure({ floors: {} }), "hono")).toBeUndefined();
});

describe("goals", () => {
  test("are told for what was measured, under the connections where most was answered", () => {
    const many = figure({ connections: 64, perSecond: { median: 1700, low: 1600, high: 1800 } });
    expect(goalsOf([figure(), many, figure({ title: "by sha1" })])).toEqual([
      { name: "GET /file/query (by id) at drive of a bare Hono route", value: 0.85, unit: "×", atLeast: 0.8 },
    ]);
  });

  test("by a round trip need one", () => {
    const status = { route: "GET /file/mpupload/status", place: "cluster" };
    const { title: _, ...untitled } = figure(status);
    expect(goalsOf([untitled])).toEqual([]);
    expect(goalsOf([{ ...untitled, roundTrip: { what: "SELECT 1 by mysql2", perSecond: 4000 } }])).toMatchObject([
      { name: "GET /file/mpupload/status at cluster of SELECT 1 by mysql2", value: 0.25 },
    ]);
  });
});

test("a profile is what it is by default, as far as nothing else was wished for", () => {
  expect(profileOf(false, {})).toMatchObject({ connections: [1, 8, 64], rounds: 3, seconds: 0.5, share: 1 });
  expect(profileOf(true, { connections: [2], rounds: 7 })).toMatchObject({ connections: [2], rounds: 7, seconds: 0.08 });
  expect(profileOf(true, {}, true).seconds).toBeGreaterThan(profileOf(true, {}).seconds);
  expect([false, true].map((ofGoals) => profileOf(false, { seconds: 0.2 }, ofGoals).seconds)).toEqual([0.2, 0.5]);
});
