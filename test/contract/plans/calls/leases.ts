import { countLeases, countParked, listParked, parkedUntil, releaseLease, renewLease, replayParked } from "#db/leases.ts";

import type { Calls } from "../calls.ts";
import { idOf, now } from "../scene.ts";
import { claimed, type SceneJob } from "./claimed.ts";

const jobs = [
  { table: "uploads", state: "verifying", id: idOf("upload", 207) },
  { table: "uploads", state: "fetching", id: idOf("upload", 411) },
  { table: "blobs", state: "spooled", id: idOf("blob", 251) },
  { table: "blobs", state: "purging", id: idOf("blob", 502) },
  { table: "copies", state: "wanted", id: idOf("copy", 105) },
  { table: "copies", state: "leaving", id: idOf("copy", 210) },
  { table: "cursors", state: "due", id: "scrub" },
  { table: "videos", state: "unprobed", id: idOf("video", 102) },
] as const;

export const leaseCalls: Calls = Object.fromEntries(jobs.flatMap((job) => Object.entries(callsOf(job))));

function callsOf(job: SceneJob): Calls {
  const { table, state } = job;
  return {
    [`claimLease, of ${state} ${table}`]: async (catalog) => {
      const lease = await claimed(catalog, job);
      await renewLease(catalog, lease, now + 2000);
      await releaseLease(catalog, lease, parkedUntil, 10);
    },
    [`countLeases, of ${state} ${table}`]: (catalog) => countLeases(catalog, table, state, now),
    [`listParked, of ${state} ${table}`]: (catalog) => listParked(catalog, table),
    [`countParked, of ${state} ${table}`]: (catalog) => countParked(catalog, table),
    [`replayParked, of ${state} ${table}`]: (catalog) => replayParked(catalog, table),
  };
}
