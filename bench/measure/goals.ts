import type { Goal, RouteFigure } from "../result/schema.ts";
import { nameOf, type RouteCase } from "../routes/mod.ts";
import { ratioTo } from "./ratio_to.ts";

interface Wanted {
  /** By the name of the case. */
  name: string;
  places: string[];
  of: "hono" | "roundTrip";
  atLeast: number;
}

/** What was set out for the routes: as ratios, each to a server or client that ran in the same minute. */
const wanted: Wanted[] = [
  { name: "GET /file/query (by id)", places: ["drive"], of: "hono", atLeast: 0.8 },
  { name: "GET /file/query (by id)", places: ["cluster"], of: "hono", atLeast: 0.6 },
  { name: "POST /file/fastupload (by the holder)", places: ["drive", "cluster"], of: "roundTrip", atLeast: 0.5 },
  { name: "PUT /file/mpupload/uppart (64 KiB)", places: ["drive", "cluster"], of: "hono", atLeast: 0.5 },
  // Of SQLite's a thousand would fit into the time of a request.
  { name: "GET /file/mpupload/status", places: ["cluster"], of: "roundTrip", atLeast: 0.5 },
  { name: "POST /file/mpupload/init", places: ["drive", "cluster"], of: "roundTrip", atLeast: 0.5 },
];

/** Whether something is wanted of a case at a place. */
export function hasGoal(routeCase: Pick<RouteCase, "route" | "title">, place: string): boolean {
  return wanted.some(({ name, places }) => name === nameOf(routeCase) && places.includes(place));
}

/** The goals that the figures tell of: of each case under the connections where most was answered. */
export function goalsOf(figures: RouteFigure[]): Goal[] {
  return wanted.flatMap(({ name, places, of, atLeast }) =>
    places.flatMap((place): Goal[] => {
      const own = figures.filter((figure) => nameOf(figure) === name && figure.place === place);
      const [best] = own.toSorted((a, b) => b.perSecond.median - a.perSecond.median);
      const value = best && (of === "hono" ? ratioTo(best, "hono") : roundTripRatio(best));
      if (value === undefined) return [];
      const beside = of === "hono" ? "a bare Hono route" : (best?.roundTrip?.what ?? "");
      return [{ name: `${name} at ${place} of ${beside}`, value, unit: "×", atLeast }];
    }),
  );
}

function roundTripRatio({ perSecond, roundTrip }: RouteFigure): number | undefined {
  return roundTrip && perSecond.median / roundTrip.perSecond;
}
