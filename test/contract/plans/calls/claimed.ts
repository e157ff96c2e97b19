import { claimLease, type JobState, type Lease, type LeasedTable } from "#db/leases.ts";
import type { Catalog } from "#db/mod.ts";

import { now } from "../scene.ts";

/** A row of the scene that is a job. */
export interface SceneJob {
  table: LeasedTable;
  state: JobState;
  id: string;
}

/** Claims a row as its worker does, for no time at all: the next call may claim it, too. */
export async function claimed(catalog: Catalog, job: SceneJob): Promise<Lease> {
  const lease = await claimLease(catalog, { ...job, owner: "me", now, leaseMs: 0 });
  if (!lease) throw new Error(`${job.table} ${job.id} cannot be leased as ${job.state}`);
  return lease;
}
