import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { diskLeft } from "#db/room.ts";
import { insertUser } from "#db/users.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { createStores, type Stores } from "#lib/store/mod.ts";
import { memoryViews } from "#lib/views/mod.ts";

import { createApp } from "../../gateway/app.ts";
import { createAuth } from "../../gateway/auth/mod.ts";
import type { Context } from "../../gateway/context.ts";
import { createPeers } from "../../gateway/peers/mod.ts";
import { createReceiveBuffers } from "../../gateway/receive_buffers/mod.ts";
import { createAdmission } from "../../gateway/upload/admission.ts";
import { createInflight } from "../../gateway/upload/inflight.ts";
import { createJustOpened } from "../../gateway/upload/just_opened.ts";
import { openPorts } from "../../workers/open.ts";
import { runJob } from "../../workers/run_job.ts";
import type { RowWorker } from "../../workers/worker.ts";

/** A drive in this process whose clock and workers move only as a test says. */
export interface SmallDrive {
  ctx: Context;
  /** Awaited before each call to catalog, spool and store: a test may hold it, to choose who goes next. */
  gate: { wait: (call: string) => Promise<void> };
  /** Moves the clock on. */
  pass(ms: number): void;
  /** Gives a new user's way to ask. */
  user(): Promise<(path: string, init?: RequestInit & { json?: unknown }) => Promise<Response>>;
  /** Runs a worker on every row that is due. */
  work(worker: RowWorker): Promise<void>;
  /** Names of what lies in the spool and in the store. */
  leftovers(): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a drive on real engines in a folder of its own. */
export async function smallDrive(env: Record<string, string> = {}): Promise<SmallDrive> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-small-"));
  const config = parseConfig({ LOG_LEVEL: "silent", ...env, DATA_DIR: folder });
  const opened = await openPorts(config);
  const clock = { ahead: 0 };
  const gate = { wait: async () => {} };
  const now = () => Date.now() + clock.ahead;
  const ports = { ...opened, now, spool: gated(opened.spool, gate), stores: gatedStores(opened.stores, gate) };
  const catalog = gated(opened.catalog, gate);
  const auth = await createAuth({ ...ports, now: Date.now });
  const admission = createAdmission(() => diskLeft({ ...ports, catalog }));
  const peers = createPeers({ ...ports, catalog, auth });
  const ctx: Context = {
    ...ports,
    catalog,
    views: memoryViews(),
    auth,
    peers,
    inflight: createInflight(),
    justOpened: createJustOpened(now),
    receiveBuffers: createReceiveBuffers(0),
    admission,
  };
  const app = createApp(ctx, () => ({ html: "", shareHtml: "", assets: new Map() }));
  return {
    ctx,
    gate,
    pass: (ms) => void (clock.ahead += ms),
    user: async () => {
      const at = Date.now();
      const user = {
        id: newId(),
        username: newId().toLowerCase(),
        passwordHash: "",
        email: null,
        createdAt: at,
        lastActiveAt: at,
      };
      await insertUser(opened.catalog.db, user);
      const { token } = await opened.catalog.transaction((tx) => auth.sessions.open(tx, user));
      return async (path, { json, ...init } = {}) => {
        const headers = new Headers(init.headers);
        headers.set("authorization", `Bearer ${token}`);
        if (json !== undefined) headers.set("content-type", "application/json");
        const body = json === undefined ? {} : { body: JSON.stringify(json) };
        const request = new Request(`http://drive${path}`, { ...init, ...body, headers });
        return await app.fetch(request, { address: "127.0.0.1", isProxied: false, hop: undefined, keepOpen: () => {} });
      };
    },
    work: async (worker) => {
      const ids = await worker.due(ctx, 100);
      await Promise.all(ids.map((id) => runJob(ctx, worker, id)));
    },
    leftovers: async () => [
      ...(await readdir(join(folder, "spool"))),
      ...(await readdir(join(folder, "store"), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(({ name }) => name),
    ],
    [Symbol.asyncDispose]: async () => {
      await opened.lifecycle.stop({ timeoutMs: 10_000 });
      await rm(folder, { recursive: true });
    },
  };
}

function gatedStores(stores: Stores, gate: SmallDrive["gate"]): Stores {
  const all = stores.all.map(({ name, store }) => ({ name, store: gated(store, gate) }));
  return { ...stores, ...createStores(all, [], all.length === 1), place: stores.place };
}

/** What answers at once, or is asked all the time. */
const ungated = new Set<string | symbol>(["path", "spansToDigest", "readLog", "logStamp"]);

/** The same port, whose methods wait at the gate before they do what they do. */
function gated<T extends object>(port: T, gate: SmallDrive["gate"]): T {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function" || ungated.has(name)) return value;
      return async (...args: unknown[]) => {
        await gate.wait(String(name));
        return (await Reflect.apply(value, target, args)) as unknown;
      };
    },
  });
}
