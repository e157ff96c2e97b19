import type { RouteFigure } from "../result/schema.ts";
import { nameOf } from "../routes/mod.ts";
import { type Curve, plot } from "./plot.ts";
import { element, sheet, text } from "./svg.ts";
import { count, duration } from "./units.ts";

const columns = 3;
const cell = { width: 310, height: 200 };
const top = 84;

/** Cases that stand for the rest where all were measured: one of each kind of work. */
const telling = [
  "GET /file/query (by id)",
  "GET /file/query (a page of 50)",
  "GET /file/download (4 KiB)",
  "POST /file/fastupload (by the holder)",
  "PUT /file/mpupload/uppart (64 KiB)",
  "POST /file/mpupload/init",
  "POST /file/upload (4 KiB)",
  "POST /user/{username}",
  "GET /videos/{id}/comments (a page of 50)",
];

/** Latency over the number of connections, of some cases of a place; none when only one number was measured. */
export function latencyChart(place: string, figures: RouteFigure[]): string | undefined {
  const named = Object.groupBy(figures, nameOf);
  const names = telling.filter((name) => (named[name]?.length ?? 0) > 1);
  if (names.length === 0) return undefined;
  const rows = Math.ceil(names.length / columns);
  const title = `${place}: latency over connections`;
  return sheet(columns * cell.width + 20, top + rows * (cell.height + 16), title, [
    text(20, 30, title, { class: "ink title" }),
    ...legend(),
    ...names.map((name, i) => {
      const [x, y] = [10 + (i % columns) * cell.width, top + Math.floor(i / columns) * (cell.height + 16)];
      return plot({ ...cell, x, y, title: name, xTick: count, yTick: duration, curves: curvesOf(named[name] ?? []) });
    }),
  ]);
}

function curvesOf(figures: RouteFigure[]): Curve[] {
  const sorted = figures.toSorted((a, b) => a.connections - b.connections);
  const own = (key: "p50" | "p99") => sorted.map(({ connections, latencyMs }): [number, number] => [connections, latencyMs[key]]);
  const floor = sorted.flatMap(({ connections, floors }): [number, number][] =>
    floors["hono"] ? [[connections, floors["hono"].latencyMs.p50]] : [],
  );
  return [
    { colour: "own", isDashed: false, points: own("p50") },
    { colour: "own", isDashed: true, points: own("p99") },
    { colour: "hono", isDashed: false, points: floor },
  ];
}

function legend(): string[] {
  const entries = [
    { words: "median", colour: "own-line" },
    { words: "99th percentile", colour: "own-line dashed" },
    { words: "median of a bare Hono route", colour: "hono-line" },
  ];
  return entries.flatMap(({ words, colour }, i) => [
    element("line", { class: `curve ${colour}`, x1: 20 + i * 170, x2: 48 + i * 170, y1: 54, y2: 54 }),
    text(54 + i * 170, 58, words, { class: "faint" }),
  ]);
}
