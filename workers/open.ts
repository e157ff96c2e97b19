import { join } from "node:path";

import { openCatalog } from "#db/mod.ts";
import type { Config } from "#lib/config/mod.ts";
import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { createLifecycle, type Fault, noFault, readOrMakeSecret } from "#lib/lifecycle/mod.ts";
import { openProgress } from "#lib/progress/mod.ts";
import { openQueue } from "#lib/queue/mod.ts";
import { openRecency } from "#lib/recency/mod.ts";
import { createRemote } from "#lib/remote/mod.ts";
import { folderSpool } from "#lib/spool/mod.ts";
import { openStores } from "#lib/store/mod.ts";
import { createLogger, createMetrics } from "#lib/telemetry/mod.ts";

import type { WorkerContext } from "./context.ts";

export interface OpenOptions {
  fault?: Fault;
  /** Runs when every port is closed again. */
  onClosed?: () => Promise<void>;
}

/** Opens every port that the configuration names. The lifecycle closes them, the last one opened first. */
export async function openPorts(config: Config, { fault = noFault, onClosed }: OpenOptions = {}): Promise<WorkerContext> {
  const log = createLogger({ level: config.LOG_LEVEL });
  const lifecycle = createLifecycle({ log });
  if (onClosed) lifecycle.onStop("data folder", onClosed);
  const node = config.NODE_ID ?? (await readOrMakeSecret(join(config.DATA_DIR, "node-id"), newId));
  const recency = await openRecency({
    url: config.REDIS_URL,
    onError: (err) => log.warn({ err }, "other processes cannot be told who changed something; users are read from the primary"),
  });
  lifecycle.onStop("recency", () => recency.close());
  const catalog = await openCatalog(config, { recency, log });
  lifecycle.onStop("catalog", () => catalog.close());
  const stores = await openStores({
    url: config.STORE_URL,
    stores: config.STORES,
    policy: config.STORE_POLICY,
    dataDir: config.DATA_DIR,
    onAway: (err, store) => log.error({ err, store }, "a store is away; the drive starts without it"),
  });
  lifecycle.onStop("stores", () => stores.close());
  const spool = await folderSpool(join(config.DATA_DIR, "spool"), { fault });
  const progress = await openProgress({
    url: config.REDIS_URL,
    log: spool,
    ttlMs: config.UPLOAD_TTL,
    onError: (err) => log.warn({ err }, "progress is not told to other nodes"),
  });
  lifecycle.onStop("progress", () => progress.close());
  const queue = await openQueue({
    url: config.AMQP_URL,
    onError: (err, message) => {
      // The connection comes back by itself, and the rows are found meanwhile.
      if (message === undefined && isAppError(err, "unavailable")) log.warn({ err }, "the queue is away");
      else log.error({ err, message }, "a message was not handled");
    },
  });
  lifecycle.onStop("queue", () => queue.close());
  lifecycle.onStop("background tasks", () => lifecycle.idle());
  const changed = async (...userIds: string[]) => {
    await recency.mark(userIds);
    for (const userId of userIds) queue.notify(userId);
  };
  const remote = createRemote({
    allow: config.OFFLINE_ALLOW,
    ports: config.OFFLINE_PORTS,
    connectMs: config.OFFLINE_CONNECT_TIMEOUT,
    idleMs: config.OFFLINE_IDLE_TIMEOUT,
  });
  const metrics = createMetrics({ onError: (err, gauge) => log.warn({ err, gauge }, "a gauge failed") });
  const ports = { catalog, spool, progress, queue, stores, remote };
  return { config, node, log, metrics, lifecycle, ...ports, changed, now: Date.now, fault };
}
