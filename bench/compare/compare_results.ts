import type { Goal, Result, RouteFigure, SizeFigure, Spread } from "../result/schema.ts";
import { nameOf } from "../routes/mod.ts";
import { type Compared, compared } from "./compared.ts";

/** What is compared: rates as they are, or as ratios to the bare Hono route that ran beside them. */
export type By = "rate" | "floor";

/** Compares what two results both hold; other than rates of routes and sizes, the figures of their goals. */
export function compareResults(a: Result, b: Result, { threshold, by }: { threshold: number; by: By }): Compared[] {
  const [valuesA, valuesB] = [valuesOf(a, by), valuesOf(b, by)];
  return [...valuesA].flatMap(([name, spread]) => {
    const other = valuesB.get(name);
    return other ? [compared(name, spread, other, threshold)] : [];
  });
}

/** All figures of a result by what they are of; more is better. */
function valuesOf({ outcomes }: Result, by: By): Map<string, Spread> {
  const values = Object.entries(outcomes).flatMap(([scenario, { routes, sizes = [], goals }]) => [
    ...(routes ?? []).flatMap((figure) => routeValue(figure, by)),
    ...sizes.map((figure) => sizeValue(figure, by)),
    // Those of routes are ratios of the same figures.
    ...(routes ? [] : goals.map((goal) => goalValue(scenario, goal))),
  ]);
  return new Map(values);
}

function routeValue(figure: RouteFigure, by: By): [string, Spread][] {
  const { place, connections, perSecond, floors } = figure;
  const name = `${nameOf(figure)}, ${place}, ${connections}`;
  if (by === "rate") return [[name, perSecond]];
  return floors["hono"] ? [[name, scaled(perSecond, floors["hono"].perSecond.median)]] : [];
}

function sizeValue({ what, bytes, megabytesPerSecond, floor }: SizeFigure, by: By): [string, Spread] {
  return [`${what}, ${bytes} bytes`, by === "rate" ? megabytesPerSecond : scaled(megabytesPerSecond, floor.median)];
}

/** A figure that is to be low counts by its inverse. */
function goalValue(scenario: string, { name, value, atMost }: Goal): [string, Spread] {
  const better = atMost === undefined ? value : 1 / value;
  return [`${scenario}: ${name}`, { median: better, low: better, high: better }];
}

function scaled({ median, low, high }: Spread, by: number): Spread {
  return { median: median / by, low: low / by, high: high / by };
}
