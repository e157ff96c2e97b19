import type { Wishes } from "../scenario.ts";
import type { Profile } from "./measure_case.ts";

const full: Profile = { connections: [1, 8, 64], rounds: 3, seconds: 0.5, warmSeconds: 1, share: 1, quietMs: 5000 };
const quick: Profile = { connections: [8], rounds: 1, seconds: 0.12, warmSeconds: 0.05, share: 0.1, quietMs: 300 };
/** What is run by an interpreter yet says nothing of a goal. */
const quickGoals: Profile = { connections: [8, 64], rounds: 2, seconds: 0.25, warmSeconds: 0.7, share: 0.5, quietMs: 500 };

/**
 * How the routes are measured, by default and as far as it was asked to be otherwise.
 *
 * @param ofGoals how those are of which something is wanted: in a quick run with more care than the others.
 */
export function profileOf(isQuick: boolean, { connections, rounds, seconds }: Partial<Wishes>, ofGoals = false): Profile {
  const base = isQuick ? (ofGoals ? quickGoals : quick) : full;
  return {
    ...base,
    connections: connections ?? base.connections,
    rounds: rounds ?? base.rounds,
    seconds: seconds ?? base.seconds,
  };
}
