import {
  claimLease,
  countLeases,
  countParked,
  type JobState,
  type LeasedTable,
  listParked,
  parkedUntil,
  releaseLease,
  renewLease,
  replayParked,
} from "#db/leases.ts";

import type { Calls } from "../calls.ts";
import { idOf, now } from "../scene.ts";

const jobs = [
  { table: "uploads", state: "verifying", id: idOf("upload", 207) },
  { table: "blobs", state: "spooled", id: idOf("blob", 251) },
  { table: "videos", state: "unprobed", id: idOf("video", 102) },
] as const;

export const leaseCalls: Calls = Object.fromEntries(jobs.flatMap((job) => Object.entries(callsOf(job))));

function callsOf({ table, state, id }: { table: LeasedTable; state: JobState; id: string }): Calls {
  return {
    [`claimLease, of ${table}`]: async (catalog) => {
      const lease = await claimLease(catalog, { table, id, state, owner: "me", now, leaseMs: 1000 });
      if (!lease) throw new Error(`${table} ${id} cannot be leased`);
      await renewLease(catalog, lease, now + 2000);
      await releaseLease(catalog, lease, parkedUntil, 10);
    },
    [`countLeases, of ${table}`]: (catalog) => countLeases(catalog, table, state, now),
    [`listParked, of ${table}`]: (catalog) => listParked(catalog, table),
    [`countParked, of ${table}`]: (catalog) => countParked(catalog, table),
    [`replayParked, of ${table}`]: (catalog) => replayParked(catalog, table),
  };
}
