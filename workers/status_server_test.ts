import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openPorts as freePorts } from "../test/stack/mod.ts";
import { work } from "./main.ts";

let folder: string;
let port: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-status-"));
  port = await (await freePorts(folder)).port("workers");
});
afterEach(() => rm(folder, { recursive: true }));

const environment = () => ({ DATA_DIR: folder, WORKER_PORT: String(port), LOG_LEVEL: "silent" });
const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

test("a process of workers tells of itself, until it stops", async () => {
  const { lifecycle, stores } = await work(environment(), ["purge"]);
  expect(await (await ask("/healthz")).json()).toEqual({ ok: true });
  const ready = await ask("/readyz");
  expect({ status: ready.status, body: await ready.json() }).toMatchObject({
    status: 200,
    body: {
      ready: true,
      ports: { catalog: { engine: "sqlite", ok: true }, store: { engine: stores.first.store.engine, ok: true } },
    },
  });
  expect(await (await ask("/metrics")).text()).toContain("sluice_jobs_total");
  expect((await ask("/")).status).toBe(404);
  await lifecycle.stop({ timeoutMs: 5000 });
  expect(await ask("/healthz").catch(() => "refused")).toBe("refused");
});

test("it is not ready once its store is gone", async () => {
  const { lifecycle } = await work(environment(), ["purge"]);
  await rm(join(folder, "store"), { recursive: true });
  const ready = await ask("/readyz");
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ ready: false, ports: { store: { ok: false, needed: true }, queue: { ok: true } } });
  await lifecycle.stop({ timeoutMs: 5000 });
});
