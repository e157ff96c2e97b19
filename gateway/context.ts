import type { Catalog } from "#db/mod.ts";
import type { Config } from "#lib/config/mod.ts";
import type { Fault, Lifecycle } from "#lib/lifecycle/mod.ts";
import type { Progress } from "#lib/progress/mod.ts";
import type { Queue } from "#lib/queue/mod.ts";
import type { Remote } from "#lib/remote/mod.ts";
import type { Spool } from "#lib/spool/mod.ts";
import type { Stores } from "#lib/store/mod.ts";
import type { Logger, Metrics } from "#lib/telemetry/mod.ts";
import type { Views } from "#lib/views/mod.ts";

import type { Auth } from "./auth/mod.ts";
import type { Peers } from "./peers/mod.ts";
import type { ReceiveBuffers } from "./receive_buffers/mod.ts";
import type { Admission } from "./upload/admission.ts";
import type { Inflight } from "./upload/inflight.ts";
import type { JustOpened } from "./upload/just_opened.ts";

/** The capabilities that handlers and services get; nothing is reached for globally. */
export interface Context {
  config: Config;
  /** This node's name: the owner of its spool. */
  node: string;
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  catalog: Catalog;
  spool: Spool;
  progress: Progress;
  queue: Queue;
  stores: Stores;
  views: Views;
  /** Servers out there, as far as they may be asked. */
  remote: Remote;
  auth: Auth;
  inflight: Inflight;
  justOpened: JustOpened;
  receiveBuffers: ReceiveBuffers;
  /** The gateways beside other nodes' spools. */
  peers: Peers;
  /** For what takes of the disk's free space. */
  admission: Admission;
  /**
   * Says that something of these users has changed: to whoever listens, and to whoever reads for them (see `Catalog.read`).
   * To be awaited after the commit, and before the change is answered. Never rejects.
   */
  changed: (...userIds: string[]) => Promise<void>;
  /** Epoch milliseconds. */
  now: () => number;
  fault: Fault;
}
