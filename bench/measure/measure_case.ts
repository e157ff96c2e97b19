import type { LoadTool } from "../load/mod.ts";
import type { Floor, FloorName, Place } from "../places/place.ts";
import { nameOf, type RouteCase, trafficOf, type Verified } from "../routes/mod.ts";
import { type Run, runOnce } from "./run_once.ts";
import { untilQuiet } from "./until_quiet.ts";

/** How often and how long each case is measured. */
export interface Profile {
  /** How many at once, each measured. */
  connections: number[];
  rounds: number;
  seconds: number;
  /** Of the run before the first one that is measured: long enough that what comes after it is no longer run by an interpreter; 0 for none. */
  warmSeconds: number;
  /** Of a case's own count of requests that can be sent once. */
  share: number;
  /** Longest wait for what requests have left to workers. */
  quietMs: number;
  /** Of the bare servers beside it, those that are asked. */
  floors: FloorName[];
}

/** A case at a place that has answered it. */
export interface Entrant {
  place: Place;
  verified: Verified;
}

/** The runs of a case under so many connections, in order: of each entrant and of each floor. */
export interface CaseRuns {
  connections: number;
  entrants: Run[][];
  floors: Run[][];
}

/**
 * Measures a case at one place, or at several that are compared, and bare servers beside it: all in turn, some rounds after one
 * to warm up, so that what disturbs the machine disturbs all of them. The bare servers are sent what the last entrant was.
 */
export async function measureCase(
  tool: LoadTool,
  routeCase: RouteCase,
  { entrants, floors }: { entrants: Entrant[]; floors: Floor[] },
  profile: Profile,
): Promise<CaseRuns[]> {
  const all: CaseRuns[] = [];
  for (const connections of profile.connections) {
    const runs: CaseRuns = { connections, entrants: entrants.map(() => []), floors: floors.map(() => []) };
    for (let round = profile.warmSeconds > 0 ? 0 : 1; round <= profile.rounds; round++) {
      const done = await runRound(tool, nameOf(routeCase), { entrants, floors }, roundOf(profile, connections, round));
      if (round === 0) continue;
      for (const [i, run] of done.entrants.entries()) runs.entrants[i]?.push(run);
      for (const [i, run] of done.floors.entries()) runs.floors[i]?.push(run);
    }
    all.push(runs);
  }
  return all;
}

/** The first one warms up: once for a case, and for a moment under each number of connections. */
function roundOf({ seconds, warmSeconds, share, quietMs, connections: all }: Profile, connections: number, round: number) {
  if (round > 0) return { connections, quietMs, seconds, share };
  return { connections, quietMs, seconds: connections === all[0] ? warmSeconds : seconds / 2, share: share / 2 };
}

type Round = ReturnType<typeof roundOf>;

async function runRound(
  tool: LoadTool,
  name: string,
  { entrants, floors }: { entrants: Entrant[]; floors: Floor[] },
  round: Round,
): Promise<{ entrants: Run[]; floors: Run[] }> {
  const done: { entrants: Run[]; floors: Run[] } = { entrants: [], floors: [] };
  let last: Awaited<ReturnType<typeof trafficOf>> | undefined;
  for (const { place, verified } of entrants) {
    const { plan } = verified;
    const traffic = await trafficOf(plan, round);
    if (plan.kind === "each") await untilQuiet(place.usages, round.quietMs);
    const job = { url: place.url, connections: round.connections, status: plan.status, traffic };
    done.entrants.push(await runOnce(tool, { name: `${name} at ${place.name}`, usages: place.usages }, job));
    last = traffic;
  }
  for (const { name: floor, url, status } of floors) {
    if (!last) break;
    const job = { url, connections: round.connections, status, traffic: last };
    done.floors.push(await runOnce(tool, { name: `the bare ${floor} for ${name}`, usages: async () => ({}) }, job));
  }
  return done;
}
