import { startTool } from "../load/mod.ts";
import { goalsOf, hasGoal } from "../measure/goals.ts";
import { measurePlace } from "../measure/measure_place.ts";
import { profileOf } from "../measure/profile_of.ts";
import { rowOf } from "../measure/row_of.ts";
import { openCluster } from "../places/open_cluster.ts";
import { openDrive } from "../places/open_drive.ts";
import { openTarget } from "../places/open_target.ts";
import type { Places } from "../places/place.ts";
import type { RouteFigure } from "../result/schema.ts";
import { chosenCases } from "../routes/mod.ts";
import type { Bench, Outcome, Scenario, Wishes } from "../scenario.ts";

/** The places that there are by name, and by what they are opened together. */
const openers: Record<string, (folder: string) => Promise<Places>> = { drive: openDrive, cluster: openCluster };
const allPlaces = ["drive", "drive-front", "cluster", "cluster-front"];

/** Every route, against bare servers that answer the same bytes. */
export const routes: Scenario = {
  name: "routes",
  about: "requests a second of every route, on the embedded drive and on the cluster, against a bare Hono route and nginx alone",
  diskBytes: 6e9,
  run: async (bench: Bench): Promise<Outcome> => {
    const { folder, wishes } = bench;
    await using tool = startTool(wishes.tool, folder);
    const cases = chosenCases(wishes.only);
    const figures: RouteFigure[] = [];
    const wanted = placesOf(bench);
    for (const open of opensOf(wanted, wishes)) {
      await using opened = await open(folder);
      const places = opened.places.filter(({ name }) => name === "target" || wanted.includes(name));
      for (const place of places) {
        for (const ofGoals of [true, false]) {
          const chosen = cases.filter((routeCase) => hasGoal(routeCase, place.name) === ofGoals);
          const profile = profileOf(bench.quick, wishes, ofGoals);
          figures.push(...(await measurePlace(place, { tool, cases: chosen, profile, log: bench.log })));
        }
      }
    }
    return { rows: figures.map(rowOf), goals: goalsOf(figures), routes: figures };
  },
};

function placesOf({ quick, wishes }: Bench): string[] {
  const places = wishes.places ?? (quick ? ["drive"] : allPlaces);
  const unknown = places.filter((place) => !allPlaces.includes(place));
  if (unknown.length > 0) throw new Error(`there is no place ${unknown.join(", ")}, only ${allPlaces.join(", ")}`);
  return places;
}

function opensOf(places: string[], { target }: Wishes): ((folder: string) => Promise<Places>)[] {
  if (target !== undefined) return [async (folder) => openTarget(target, folder)];
  return Object.entries(openers).flatMap(([name, open]) => (places.some((place) => place.startsWith(name)) ? [open] : []));
}
