import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { diskLeft } from "#db/room.ts";
import { parseConfig } from "#lib/config/mod.ts";
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
import { routes } from "./routes.ts";

/** `METHOD /path/{parameter}` of everything that the app answers, middleware left out. */
async function registeredRoutes(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-routes-"));
  const ports = await openPorts(parseConfig({ DATA_DIR: folder, LOG_LEVEL: "silent" }));
  try {
    const auth = await createAuth(ports);
    const ctx: Context = {
      ...ports,
      views: memoryViews(),
      auth,
      peers: createPeers({ ...ports, auth }),
      inflight: createInflight(),
      justOpened: createJustOpened(ports.now),
      receiveBuffers: createReceiveBuffers(0),
      admission: createAdmission(() => diskLeft(ports)),
    };
    const app = createApp(ctx, () => ({ html: "", shareHtml: "", assets: new Map() }));
    return app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  } finally {
    await ports.lifecycle.stop({ timeoutMs: 5000 });
    await rm(folder, { recursive: true });
  }
}

test("every route of the app stands in the acceptance tests, and none that is not there", async () => {
  const known: string[] = Object.values(routes).flat();
  const registered = new Set(await registeredRoutes());
  expect([...registered].toSorted()).toEqual([...new Set(known.filter((route) => !route.startsWith("HEAD ")))].toSorted());
});
