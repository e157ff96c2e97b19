import type { Constant } from "../support/constant.ts";
import type { RoundTripUrls } from "../support/round_trips.ts";
import type { Usage } from "../support/usage.ts";

/** A drive as clients reach it: what is measured. */
export interface Place {
  /** Such as `drive-front`. */
  name: string;
  about: string;
  url: string;
  /** Of each process that takes part, by its name; none where they are out of reach. */
  usages: () => Promise<Record<string, Usage>>;
  /** Start bare servers that answer the same bytes, on the same road; nothing where they cannot. */
  floors: Partial<Record<FloorName, (constant: Constant) => Promise<Floor | undefined>>>;
  /** Of the servers behind it, as far as they are in reach. */
  roundTrips: RoundTripUrls;
  /** How long after a change whoever made it is served otherwise than others, milliseconds; 0 where they never are. */
  settleMs: number;
  /** Whether it is there to stay, so that the bench must clean up after itself. */
  stays: boolean;
}

export type FloorName = "hono" | "nginx";

/** A bare server that answers what a case is answered. */
export interface Floor extends AsyncDisposable {
  name: FloorName;
  url: string;
  /** What it answers with: nginx sends a part of a file as the whole of another. */
  status: number;
}

/** Places that stand on the same servers, which end with them. */
export interface Places extends AsyncDisposable {
  places: Place[];
}
