import { eq } from "drizzle-orm";

import type { Queries } from "../catalog.ts";
import type { CatalogLog } from "../catalog_log.ts";
import { heartbeats } from "../schema.ts";
import { Failure, isReadOnly, reasonOf, unavailable } from "./failure.ts";
import { createFreshness, maxLagMs } from "./freshness.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { Links } from "./links.ts";
import { queriesOver } from "./queries.ts";
import { repeat } from "./repeat.ts";

/** A replica, looked at four times a second. */
export interface Replica {
  /** Each statement is tried once, and fails as `unavailable` where the replica cannot answer it. */
  readonly db: Queries;
  /** Whether it holds all that was committed two seconds ago. */
  isFresh(): boolean;
  stop(): Promise<void>;
}

export interface ReplicaOptions {
  /** `host:port`, for people. */
  host: string;
  /** For reads. */
  links: Links;
  /** For looking, which nothing else may hold up. */
  lookLinks: Links;
  heartbeat: Heartbeat;
  /** Epoch milliseconds, of a clock that never goes back. */
  clock: () => number;
  log: CatalogLog;
}

const everyMs = 250;

export function followReplica({ host, links, lookLinks, heartbeat, clock, log }: ReplicaOptions): Replica {
  const freshness = createFreshness(heartbeat, clock);
  const startedAt = clock();
  let wasFresh: boolean | undefined;
  let reason: string | undefined;

  async function look(): Promise<void> {
    const from = clock();
    try {
      const [row] = await lookLinks.use(({ db }) => db.select().from(heartbeats).where(eq(heartbeats.id, heartbeat.id)));
      reason = undefined;
      if (row) freshness.saw(row.at, from);
    } catch (error) {
      fail(error);
    }
    tell();
  }

  function fail(error: unknown): void {
    reason = reasonOf(error);
    freshness.failed();
  }

  /** Says once that it is left out, and once that it is taken back. At the start it may take a moment to catch up. */
  function tell(): void {
    const isFresh = freshness.isFresh();
    const isStarting = wasFresh === undefined && clock() - startedAt < maxLagMs;
    if (isFresh === wasFresh || (!isFresh && isStarting)) return;
    if (isFresh) log.info({ replica: host }, "a replica is read from");
    else log.warn({ replica: host, reason: reason ?? `${freshness.lagMs()} ms behind` }, "a replica is left out");
    wasFresh = isFresh;
  }

  const end = repeat(look, everyMs);
  return {
    db: queriesOver((sql, params, method) =>
      links
        .use((link) => link.run(sql, params, method))
        .catch((error: unknown) => {
          // A write is a fault of ours, not to be made good on the primary.
          if (!(error instanceof Failure) || isReadOnly(error)) throw error;
          // One slow statement says nothing of the replica; looking tells whether it is frozen.
          if (error.kind === "refused" || error.kind === "lost") fail(error);
          throw unavailable(error);
        }),
    ),
    isFresh: () => freshness.isFresh(),
    stop: end,
  };
}
