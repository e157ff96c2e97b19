import { listParked, replayParked } from "#db/leases.ts";

import type { WorkerContext } from "./context.ts";

/** A job that waits for a person. */
export interface ParkedJob {
  table: "uploads" | "blobs";
  id: string;
  state: string;
  attempts: number;
}

/** Jobs that were given up on, until someone replays them. */
export async function parkedJobs({ catalog }: Pick<WorkerContext, "catalog">): Promise<ParkedJob[]> {
  const [uploads, blobs] = await Promise.all([listParked(catalog, "uploads"), listParked(catalog, "blobs")]);
  return [
    ...uploads.map((job) => ({ table: "uploads" as const, ...job })),
    ...blobs.map((job) => ({ table: "blobs" as const, ...job })),
  ];
}

/** Makes every parked job due again. @returns how many. */
export async function replayParkedJobs({ catalog }: Pick<WorkerContext, "catalog">): Promise<number> {
  return (await replayParked(catalog, "uploads")) + (await replayParked(catalog, "blobs"));
}
