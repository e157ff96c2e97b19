import type { Wishes } from "../scenario.ts";
import type { Profile } from "./measure_case.ts";

const full: Profile = {
  connections: [1, 8, 64],
  rounds: 3,
  seconds: 0.5,
  warmSeconds: 1,
  share: 1,
  quietMs: 5000,
  floors: ["hono", "nginx"],
};
const quick: Profile = { connections: [8], rounds: 1, seconds: 0.08, warmSeconds: 0, share: 0.1, quietMs: 300, floors: [] };
/**
 * What is run by an interpreter yet says nothing of a goal, and of a run of 0.2 s its beginning takes too much: no run of what has
 * a goal is shorter.
 */
const goalSeconds = 0.5;
/** Under 64 connections each case of a goal answers most. */
const quickGoals: Profile = {
  connections: [64],
  rounds: 2,
  seconds: goalSeconds,
  warmSeconds: 1.5,
  share: 0.5,
  quietMs: 500,
  floors: ["hono"],
};

/**
 * How the routes are measured, by default and as far as it was asked to be otherwise.
 *
 * @param ofGoals how those are of which something is wanted: with more care than the others.
 */
export function profileOf(isQuick: boolean, { connections, rounds, seconds }: Partial<Wishes>, ofGoals = false): Profile {
  const base = isQuick ? (ofGoals ? quickGoals : quick) : full;
  return {
    ...base,
    connections: connections ?? base.connections,
    rounds: rounds ?? base.rounds,
    seconds: Math.max(seconds ?? base.seconds, ofGoals ? goalSeconds : 0),
  };
}
