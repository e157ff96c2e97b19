import type { Catalog } from "#db/mod.ts";
import type { Config } from "#lib/config/mod.ts";
import type { Fault, Lifecycle } from "#lib/lifecycle/mod.ts";
import type { Progress } from "#lib/progress/mod.ts";
import type { Queue } from "#lib/queue/mod.ts";
import type { Remote } from "#lib/remote/mod.ts";
import type { Spool } from "#lib/spool/mod.ts";
import type { Stores } from "#lib/store/mod.ts";
import type { Logger, Metrics } from "#lib/telemetry/mod.ts";

/** The capabilities that workers get. */
export interface WorkerContext {
  config: Config;
  /** This node's name: workers read its spool. */
  node: string;
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  catalog: Catalog;
  spool: Spool;
  progress: Progress;
  queue: Queue;
  stores: Stores;
  /** Servers out there, as far as they may be asked. */
  remote: Remote;
  /**
   * Says that something of these users has changed: to whoever listens, and to whoever reads for them (see `Catalog.read`).
   * To be awaited after the commit, and before the change is answered. Never rejects.
   */
  changed: (...userIds: string[]) => Promise<void>;
  /** Epoch milliseconds. */
  now: () => number;
  fault: Fault;
}
