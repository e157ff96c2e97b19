import type { SizeFigure } from "../result/schema.ts";
import { type Curve, plot } from "./plot.ts";
import { element, sheet, text } from "./svg.ts";
import { count, size } from "./units.ts";

const cell = { width: 470, height: 280 };

/** Throughput over the size of a file, a plot for each way that files take. */
export function sizesChart(figures: SizeFigure[]): string {
  const title = "Throughput over file size (4 connections)";
  const ways = Object.entries(Object.groupBy(figures, ({ what }) => what));
  return sheet(20 + ways.length * cell.width, 90 + cell.height, title, [
    text(20, 30, title, { class: "ink title" }),
    element("line", { class: "curve own-line", x1: 20, x2: 48, y1: 54, y2: 54 }),
    text(54, 58, "the drive", { class: "faint" }),
    element("line", { class: "curve hono-line", x1: 130, x2: 158, y1: 54, y2: 54 }),
    text(164, 58, "a server that discards the same bodies, or nginx static", { class: "faint" }),
    ...ways.map(([what, own = []], i) =>
      plot({ ...cell, x: 10 + i * cell.width, y: 78, title: what, xTick: size, yTick: megabytes, curves: curvesOf(own) }),
    ),
  ]);
}

function megabytes(value: number): string {
  return value >= 1000 ? `${count(value / 1000)} GB/s` : `${count(value)} MB/s`;
}

function curvesOf(figures: SizeFigure[]): Curve[] {
  const sorted = figures.toSorted((a, b) => a.bytes - b.bytes);
  return [
    { colour: "own", isDashed: false, points: sorted.map(({ bytes, megabytesPerSecond }) => [bytes, megabytesPerSecond.median]) },
    { colour: "hono", isDashed: false, points: sorted.map(({ bytes, floor }) => [bytes, floor.median]) },
  ];
}
