import { resolve } from "node:path";

import { diskLeft } from "#db/room.ts";
import { type Config, parseConfig } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";
import { type Fault, lockDataDir, noFault, stopOnSignal } from "#lib/lifecycle/mod.ts";
import { openViews } from "#lib/views/mod.ts";

import { workersNamed } from "../workers/all.ts";
import { openPorts } from "../workers/open.ts";
import { startWorkers } from "../workers/runner.ts";
import { sweepSpool } from "../workers/sweep/sweep_spool.ts";
import { createApp } from "./app.ts";
import { createAuth } from "./auth/mod.ts";
import type { Context } from "./context.ts";
import { listen } from "./listen.ts";
import { advertisedUrl, createPeers, register } from "./peers/mod.ts";
import { createReceiveBuffers } from "./receive_buffers/mod.ts";
import { startViewFlush } from "./share/flush_views.ts";
import { createAdmission } from "./upload/admission.ts";
import { createInflight } from "./upload/inflight.ts";
import { createJustOpened } from "./upload/just_opened.ts";
import { buildWeb } from "./web/build.ts";
import { webOnDemand } from "./web/on_demand.ts";

/** A running gateway. */
export interface Gateway {
  url: string;
  ctx: Context;
}

/** Starts a gateway, and without `AMQP_URL` the workers beside it in this process. `lifecycle.stop`, or a signal, ends all of it. */
export async function serve(env: Record<string, string | undefined>, fault: Fault = noFault): Promise<Gateway> {
  const config = parseConfig(env);
  const lock = await lockDataDir(config.DATA_DIR);
  const ports = await openPorts(config, { fault, onClosed: lock.release });
  const { lifecycle, log, catalog, now } = ports;
  // Before it answers anybody: who has seen that it is ready may stop it.
  stopOnSignal(lifecycle, config.SHUTDOWN_MS);
  const auth = await createAuth({ config, catalog, lifecycle, log, queue: ports.queue, now });
  const peers = createPeers({ ...ports, auth });
  const views = await openViews({
    url: config.REDIS_URL,
    drive: rowsOf(config),
    onError: (err) => log.warn({ err }, "views of shares are kept in this process until they can be told"),
  });
  const ctx: Context = {
    ...ports,
    views,
    auth,
    peers,
    inflight: createInflight(),
    justOpened: createJustOpened(now),
    receiveBuffers: createReceiveBuffers(config.RECEIVE_BUFFER),
    admission: createAdmission(() => diskLeft(ports)),
  };
  startViewFlush(ctx);
  // Before the first request nothing can be on its way: a spool file without a row was left by a process that died.
  await sweepSpool(ctx, { rowlessFor: 0 });
  if (!config.AMQP_URL) {
    const runner = await startWorkers(ctx, workersNamed(config.WORKERS));
    lifecycle.onStop("workers", () => runner.stop());
  }
  const url = listen(ctx, createApp(ctx, webOnDemand(buildWeb)));
  await lock.announce(url);
  await register(ctx, advertisedUrl(config, url));
  return { url, ctx };
}

/** Where the rows are, that views are counted for. */
function rowsOf({ DATABASE_URL, DATA_DIR }: Config): string {
  if (DATABASE_URL === undefined) return resolve(DATA_DIR);
  const { host, pathname } = new URL(DATABASE_URL);
  return `${host}${pathname}`;
}

/** What a person who starts it wants to know. */
export function banner({ url, ctx: { config, catalog, progress, queue, stores, node } }: Gateway): string {
  const workers = config.AMQP_URL ? "in processes of their own" : `${config.WORKERS.join(", ")} in this process`;
  return `Sluice listens on ${url} (page: ${url}/file/upload, API: ${url}/docs)
  data      ${resolve(config.DATA_DIR)} (node ${node})
  catalog   ${catalog.engine}
  progress  ${progress.engine}
  queue     ${queue.engine}
  store     ${storesOf(stores)}
  workers   ${workers}
`;
}

function storesOf({ all, first }: Gateway["ctx"]["stores"]): string {
  return all.length === 1 ? first.store.engine : all.map(({ name, store }) => `${name} (${store.engine})`).join(", ");
}

if (import.meta.main) {
  serve(process.env)
    .then((gateway) => void process.stdout.write(banner(gateway)))
    .catch((error: unknown) => {
      process.stderr.write(`sluice: ${error instanceof AppError ? error.message : Bun.inspect(error)}\n`);
      process.exit(1);
    });
}
