import type { JobState, Lease, LeasedTable } from "#db/leases.ts";
import type { Config } from "#lib/config/mod.ts";
import type { WorkerName } from "#lib/queue/mod.ts";

import type { WorkerContext } from "./context.ts";

/** What became of a job. */
export type Verdict =
  /** The row is in another state now, or somebody else's. */
  | { kind: "done"; note?: string }
  /** Again, later: after `afterMs`, or after as long as `attempts` in a row make it, which is one more than before. */
  | { kind: "retry"; reason: string; afterMs?: number; attempts?: number }
  /** Not again, until a person says so. */
  | { kind: "park"; reason: string };

export interface Job {
  lease: Lease;
  /** Times it ended in "retry" since it last got on. */
  attempts: number;
  /** Aborted when the lease is lost or the process ends. */
  signal: AbortSignal;
  requestId: string | undefined;
}

/** A worker whose jobs are rows in a state that is not final. Running one twice has the effect of running it once. */
export interface RowWorker {
  name: WorkerName;
  table: LeasedTable;
  /** The state in which a row of `table` is a job. */
  state: JobState;
  /** Jobs at once; `WORKER_CONCURRENCY` by default. */
  concurrency?: (config: Config) => number;
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
