import type { JobState, Lease, LeasedTable } from "#db/leases.ts";
import type { WorkerName } from "#lib/queue/mod.ts";

import type { WorkerContext } from "./context.ts";

/** What became of a job. */
export type Verdict =
  /** The row is in another state now, or somebody else's. */
  | { kind: "done"; note?: string }
  /** Again, later. */
  | { kind: "retry"; reason: string }
  /** Not again, until a person says so. */
  | { kind: "park"; reason: string };

export interface Job {
  lease: Lease;
  /** Aborted when the lease is lost or the process ends. */
  signal: AbortSignal;
  requestId: string | undefined;
}

/** A worker whose jobs are rows in a state that is not final. Running one twice has the effect of running it once. */
export interface RowWorker {
  name: Exclude<WorkerName, "sweep">;
  table: LeasedTable;
  /** The state in which a row of `table` is a job. */
  state: JobState;
  /** Rows that wait and nobody leases, longest first. */
  due: (ctx: WorkerContext, limit: number) => Promise<string[]>;
  /** Does the job. What it throws is a retry. */
  run: (ctx: WorkerContext, job: Job) => Promise<Verdict>;
}

/** A worker that looks around every `SWEEP_EVERY`. */
export interface TickWorker {
  name: "sweep";
  tick: (ctx: WorkerContext, signal: AbortSignal) => Promise<void>;
}

export type Worker = RowWorker | TickWorker;
