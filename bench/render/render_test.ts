import { describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readResult } from "../result/read_result.ts";
import { figure, resultOf } from "../result/testing.ts";
import { barChart } from "./bars.ts";
import { linear, logarithmic, steps } from "./scale.ts";
import { element, text } from "./svg.ts";
import { count, duration, size } from "./units.ts";
import { writeReport } from "./write_report.ts";

describe("scales", () => {
  const range = { from: 100, to: 300 };
  test.each([
    [1, [0, 0.5, 1]],
    [0.9, [0, 0.5, 1]],
    [2, [0, 0.5, 1, 1.5, 2]],
    [37, [0, 10, 20, 30, 40]],
    [1000, [0, 500, 1000]],
  ])("a linear one to %d has round ticks", (most, ticks) => {
    const scale = linear(most, range);
    expect(scale.ticks).toEqual(ticks);
    expect([scale.at(0), scale.at(ticks.at(-1) ?? 0)]).toEqual([100, 300]);
  });

  test("a logarithmic one spans whole powers of ten", () => {
    const scale = logarithmic([0.3, 20], range);
    expect(scale.ticks).toEqual([0.1, 1, 10, 100]);
    expect([0.1, 1, 100].map((value) => Math.round(scale.at(value)))).toEqual([100, 167, 300]);
    expect(logarithmic([10], range).ticks).toEqual([10, 100]);
  });

  test("steps stand evenly apart, whatever their values", () => {
    const scale = steps([64, 1, 8, 8], range);
    expect(scale.ticks).toEqual([1, 8, 64]);
    expect(scale.ticks.map(scale.at)).toEqual([100, 200, 300]);
    expect(steps([5], range).at(5)).toBe(100);
  });
});

test("numbers are written for people", () => {
  expect([count(67_510.4), count(0.01234), count(12.345)]).toEqual(["67,510", "0.0123", "12.3"]);
  expect([size(4096), size(64 * 2 ** 20), size(500)]).toEqual(["4 KiB", "64 MiB", "500 B"]);
  expect([duration(0.2), duration(1500)]).toEqual(["0.2 ms", "1.5 s"]);
});

test("what is written into a picture cannot become part of its markup", () => {
  expect(text(1, 2, 'a <b> & "c"')).toBe('<text x="1" y="2">a &lt;b&gt; &amp; &quot;c&quot;</text>');
  expect(element("g", { class: '"><script>' })).toBe('<g class="&quot;&gt;&lt;script&gt;"/>');
});

test("a bar chart has a row for each figure, and cuts what is beyond its sheet", () => {
  const latencyMs = { p50: 1, p975: 1, p99: 1 };
  const nginx = { perSecond: { median: 90_000, low: 1, high: 1 }, latencyMs };
  const { hono } = figure().floors;
  const svg = barChart("drive", 8, [figure(), figure({ title: "by sha1", floors: { ...(hono && { hono }), nginx } })]);
  expect(svg).toContain("GET /file/query (by id)");
  expect(svg).toContain("1,000/s · 50% of Hono");
  for (const [, x = ""] of svg.matchAll(/ x="([\d.]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(960);
});

test("a report is read back as it was written, and names charts that are there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-report-"));
  try {
    const routes = [figure(), figure({ connections: 1 }), figure({ place: "cluster", processes: { a: used, b: used } })];
    const spread = { median: 10, low: 9, high: 11 };
    const sizes = [{ what: "download", bytes: 4096, megabytesPerSecond: spread, floor: spread }];
    const goals = [{ name: "a | b <c>", value: 0.5, unit: "×", atLeast: 0.8 }];
    const result = resultOf({ rows: [{ what: "a", "of b": 0.5 }], goals, routes, sizes });
    await writeReport(folder, result);
    expect(await readResult(join(folder, "latest.json"))).toEqual(result);
    const markdown = await Bun.file(join(folder, "latest.md")).text();
    const charts = [...markdown.matchAll(/\]\(([\w-]+\.svg)\)/g)].map(([, file]) => file);
    expect(charts.toSorted()).toEqual((await readdir(folder)).filter((file) => file.endsWith(".svg")).toSorted());
    expect(charts).toContain("latency-drive.svg");
    expect(markdown).toContain("**missed**: a \\| b &lt;c>: 0.5 × (goal ≥ 0.8 ×)");
    expect(markdown).toContain("| what | of b |\n|---|---:|\n| a | 0.5 |");
    expect(markdown).toContain("| GET /file/query (by id) | cluster | 8 | 500 µs, 100 MB | 500 µs, 100 MB |");
  } finally {
    await rm(folder, { recursive: true });
  }
});

const used = { cpuSeconds: 1.5, rssBytes: 100e6 };

test("what is no result of this version is refused, by its name", async () => {
  const path = join(tmpdir(), `sluice-result-${crypto.randomUUID()}.json`);
  await Bun.write(path, JSON.stringify({ ...resultOf({}), version: 2 }));
  await expect(readResult(path)).rejects.toThrow(path);
  await rm(path);
});
