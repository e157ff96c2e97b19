import { join } from "node:path";

import { startTool } from "../load/mod.ts";
import { figureOf } from "../measure/figure_of.ts";
import { measureCase } from "../measure/measure_case.ts";
import { profileOf } from "../measure/profile_of.ts";
import { wideEnv } from "../places/open_drive.ts";
import type { Place } from "../places/place.ts";
import { chosenCases, createGround, nameOf, type RouteCase, verify } from "../routes/mod.ts";
import type { Wishes } from "../scenario.ts";
import { startDrive } from "../support/drive.ts";
import { type Checkout, checkout } from "./checkout.ts";
import { type Compared, compared } from "./compared.ts";

export interface RefsOptions {
  a: string;
  b: string;
  threshold: number;
  wishes: Wishes;
  folder: string;
  log: (line: string) => void;
}

/**
 * Runs the embedded drives of two git refs side by side and asks them in turns, with the cases of this checkout. A case that one
 * of them does not answer as it should is told and left out: refs may differ in what they have.
 */
export async function compareRefs({ a, b, threshold, wishes, folder, log }: RefsOptions): Promise<Compared[]> {
  await using tool = startTool(wishes.tool, folder);
  await using codeA = await checkout(a, join(folder, "a"));
  await using codeB = await checkout(b, join(folder, "b"));
  await using placeA = await placeOf(folder, "A", codeA);
  await using placeB = await placeOf(folder, "B", codeB);
  const profile = profileOf(false, { ...wishes, connections: wishes.connections ?? [8] });
  const lines: Compared[] = [];
  for (const routeCase of chosenCases(wishes.only)) {
    log(nameOf(routeCase));
    const entrants = await entrantsOf(routeCase, [placeA, placeB], log);
    if (!entrants) continue;
    for (const { connections, entrants: runs } of await measureCase(tool, routeCase, { entrants, floors: [] }, profile)) {
      const [ofA, ofB] = [figureOf(runs[0] ?? []), figureOf(runs[1] ?? [])];
      lines.push(compared(`${nameOf(routeCase)}, ${connections}`, ofA.perSecond, ofB.perSecond, threshold));
    }
  }
  return lines;
}

async function entrantsOf(routeCase: RouteCase, places: Place[], log: (line: string) => void) {
  try {
    return await Promise.all(
      places.map(async (place) => ({ place, verified: await verify(routeCase, createGround(place.url)) })),
    );
  } catch (error) {
    log(`  left out: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

async function placeOf(folder: string, name: string, { path }: Checkout): Promise<Place & AsyncDisposable> {
  const drive = await startDrive(folder, wideEnv, name, path);
  return {
    name,
    about: path,
    url: drive.url,
    usages: () => drive.usages(),
    floors: {},
    roundTrips: {},
    settleMs: 0,
    stays: false,
    [Symbol.asyncDispose]: () => drive[Symbol.asyncDispose](),
  };
}
