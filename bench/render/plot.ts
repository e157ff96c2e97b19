import { logarithmic, type Scale, steps } from "./scale.ts";
import { element, text } from "./svg.ts";

/** A curve of a plot: points in the order of x, by colour and stroke. */
export interface Curve {
  colour: "own" | "hono" | "nginx";
  isDashed: boolean;
  points: [x: number, y: number][];
}

/** Where a plot stands on its sheet, and how its axes are written. */
export interface Plot {
  x: number;
  y: number;
  width: number;
  height: number;
  title: string;
  xTick: (value: number) => string;
  yTick: (value: number) => string;
  curves: Curve[];
}

const left = 62;
const top = 28;
const bottom = 26;

/** Curves over the very values of x, evenly apart, and over powers of ten of y. */
export function plot({ x, y, width, height, title, xTick, yTick, curves }: Plot): string {
  const points = curves.flatMap((curve) => curve.points);
  const across = steps(
    points.map(([value]) => value),
    { from: left, to: width - 12 },
  );
  const up = logarithmic(
    points.map(([, value]) => value),
    { from: height - bottom, to: top },
  );
  return element(
    "g",
    { transform: `translate(${x} ${y})` },
    text(left, 14, title, { class: "ink" }),
    ...up.ticks.flatMap((tick) => [
      element("line", { class: "line", x1: left, x2: width - 12, y1: up.at(tick), y2: up.at(tick) }),
      text(left - 6, up.at(tick) + 4, yTick(tick), { class: "faint small end" }),
    ]),
    ...across.ticks.map((tick) => text(across.at(tick), height - 8, xTick(tick), { class: "faint small middle" })),
    ...curves.flatMap((curve) => drawn(curve, across, up)),
  );
}

function drawn({ colour, isDashed, points }: Curve, across: Scale, up: Scale): string[] {
  const places = points.map(([x, y]) => `${across.at(x).toFixed(1)},${up.at(y).toFixed(1)}`);
  return [
    element("polyline", { class: `curve ${colour}-line${isDashed ? " dashed" : ""}`, points: places.join(" ") }),
    ...points.map(([x, y]) => element("circle", { class: colour, cx: across.at(x), cy: up.at(y), r: 3 })),
  ];
}
