import { ratioTo } from "../measure/ratio_to.ts";
import type { RouteFigure } from "../result/schema.ts";
import { nameOf } from "../routes/mod.ts";
import { linear } from "./scale.ts";
import { element, sheet, text } from "./svg.ts";
import { count } from "./units.ts";

const width = 960;
const left = 300;
const right = 190;
const top = 78;
const row = 22;

/** Each case of a place as a bar: its share of a bare Hono route, with a tick for nginx alone, and its rate in words. */
export function barChart(place: string, connections: number, figures: RouteFigure[]): string {
  const height = top + figures.length * row + 40;
  const shares = figures.flatMap((figure) => [ratioTo(figure, "hono") ?? 0, nginxShare(figure) ?? 0]);
  // A bar that is longer than the sheet is cut; its words tell.
  const x = linear(Math.min(2, Math.max(1, ...shares)), { from: left, to: width - right });
  const grid = x.ticks.map((tick) => [
    element("line", { class: tick === 1 ? "hono-line" : "line", x1: x.at(tick), x2: x.at(tick), y1: top - 6, y2: height - 34 }),
    text(x.at(tick), height - 18, `${Math.round(tick * 100)}%`, { class: "faint small middle" }),
  ]);
  const title = `${place}: requests a second, as a share of a bare Hono route (${connections} connections)`;
  return sheet(width, height, title, [
    text(20, 30, title, { class: "ink title" }),
    ...legend(),
    ...grid.flat(),
    ...figures.flatMap((figure, i) => bar(figure, top + i * row, (share) => Math.min(x.at(share), x.at(x.ticks.at(-1) ?? 1)))),
  ]);
}

function legend(): string[] {
  return [
    element("rect", { class: "own", x: 20, y: 44, width: 12, height: 12, rx: 2 }),
    text(38, 54, "this route", { class: "faint" }),
    element("rect", { class: "hono", x: 120, y: 43, width: 2, height: 14 }),
    text(128, 54, "a bare Hono route with the same bytes: 100%", { class: "faint" }),
    element("rect", { class: "nginx", x: 424, y: 43, width: 3, height: 14 }),
    text(434, 54, "nginx alone with the same bytes (at the right edge: there or beyond)", { class: "faint" }),
  ];
}

function bar(figure: RouteFigure, y: number, at: (share: number) => number): string[] {
  const share = ratioTo(figure, "hono") ?? 0;
  const nginx = nginxShare(figure);
  const words = `${count(figure.perSecond.median)}/s · ${percent(share)}`;
  return [
    text(left - 10, y + 14, nameOf(figure), { class: "ink small end" }),
    element("rect", { class: "own", x: left, y: y + 3, width: Math.max(1, at(share) - left), height: row - 8, rx: 2 }),
    ...(nginx === undefined ? [] : [element("rect", { class: "nginx", x: at(nginx) - 1, y: y + 1, width: 3, height: row - 4 })]),
    text(width - 20, y + 14, words, { class: "ink small end" }),
  ];
}

function nginxShare({ floors }: RouteFigure): number | undefined {
  const { hono, nginx } = floors;
  return hono && nginx && nginx.perSecond.median / hono.perSecond.median;
}

function percent(share: number): string {
  return `${share >= 0.1 ? Math.round(share * 100) : count(share * 100)}% of Hono`;
}
