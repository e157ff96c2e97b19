import type { Wishes } from "../scenario.ts";
import type { Profile } from "./measure_case.ts";

const full: Profile = { connections: [1, 8, 64], rounds: 3, seconds: 0.5, warmSeconds: 1, share: 1, quietMs: 5000 };
const quick: Profile = { connections: [8], rounds: 2, seconds: 0.2, warmSeconds: 0.1, share: 0.2, quietMs: 500 };

/** How the routes are measured, by default and as far as it was asked to be otherwise. */
export function profileOf(isQuick: boolean, { connections, rounds, seconds }: Partial<Wishes>): Profile {
  const base = isQuick ? quick : full;
  return {
    ...base,
    connections: connections ?? base.connections,
    rounds: rounds ?? base.rounds,
    seconds: seconds ?? base.seconds,
  };
}
