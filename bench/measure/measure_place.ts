import type { LoadTool } from "../load/mod.ts";
import type { Floor, Place } from "../places/place.ts";
import type { RouteFigure } from "../result/schema.ts";
import { constantOf, createGround, nameOf, type RouteCase, verify } from "../routes/mod.ts";
import { measureRoundTrips } from "../support/round_trips.ts";
import { figureOf } from "./figure_of.ts";
import { type CaseRuns, measureCase, type Profile } from "./measure_case.ts";

export interface PlaceOptions {
  tool: LoadTool;
  cases: RouteCase[];
  profile: Profile;
  /** Told of each case that begins. */
  log: (line: string) => void;
}

/** Checks and measures cases at a place, beside what a bare server does. */
export async function measurePlace(place: Place, { tool, cases, profile, log }: PlaceOptions): Promise<RouteFigure[]> {
  const roundTrips = new Map<number, Awaited<ReturnType<typeof measureRoundTrips>>>();
  for (const connections of profile.connections)
    roundTrips.set(connections, await measureRoundTrips(place.roundTrips, connections, profile.seconds));
  const figures: RouteFigure[] = [];
  for (const [i, routeCase] of cases.entries()) {
    log(`${place.name} ${i + 1}/${cases.length} ${nameOf(routeCase)}`);
    for (const { runs, floors } of await measureOne(place, routeCase, tool, profile)) {
      const roundTrip = routeCase.roundTrip && roundTrips.get(runs.connections)?.[routeCase.roundTrip];
      figures.push({
        route: routeCase.route,
        ...(routeCase.title !== undefined && { title: routeCase.title }),
        place: place.name,
        connections: runs.connections,
        ...figureOf(runs.entrants[0] ?? []),
        floors: floorsOf(floors, runs),
        ...(roundTrip && { roundTrip }),
      });
    }
  }
  return figures;
}

async function measureOne(place: Place, routeCase: RouteCase, tool: LoadTool, profile: Profile) {
  const ground = createGround(place.url);
  await using stack = new AsyncDisposableStack();
  if (place.stays) stack.defer(() => ground.clear());
  const verified = await verify(routeCase, ground);
  const constant = constantOf(routeCase, verified);
  const floors: Floor[] = [];
  for (const name of profile.floors) {
    const floor = await place.floors[name]?.(constant);
    if (floor) floors.push(stack.use(floor));
  }
  // What is repeated asks for the same again and again, of somebody who has changed nothing for long; not so what changes things.
  if (verified.plan.kind === "repeat") await Bun.sleep(place.settleMs);
  const measured = await measureCase(tool, routeCase, { entrants: [{ place, verified }], floors }, profile);
  return measured.map((runs) => ({ runs, floors }));
}

function floorsOf(floors: Floor[], runs: CaseRuns): RouteFigure["floors"] {
  return Object.fromEntries(
    floors.map(({ name }, i) => {
      const { perSecond, latencyMs } = figureOf(runs.floors[i] ?? []);
      return [name, { perSecond, latencyMs }];
    }),
  );
}
