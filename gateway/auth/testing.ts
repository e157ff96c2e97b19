import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Catalog, openCatalog } from "#db/mod.ts";
import { insertUser, type User } from "#db/users.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { createLifecycle } from "#lib/lifecycle/mod.ts";
import { createLogger } from "#lib/telemetry/mod.ts";

import { createAuth } from "./auth.ts";

/** A folder for a test, with what to end before it is removed. */
export async function testFolder() {
  const path = await mkdtemp(join(tmpdir(), "sluice-auth-"));
  const ends: (() => Promise<unknown>)[] = [];
  return {
    path,
    atEnd: (end: () => Promise<unknown>) => void ends.push(end),
    async [Symbol.asyncDispose]() {
      for (const end of ends.toReversed()) await end();
      await rm(path, { recursive: true });
    },
  };
}

export type TestFolder = Awaited<ReturnType<typeof testFolder>>;

/** What a gateway has of auth, over the catalog in `folder`: made twice there, it is two gateways. */
export async function testGateway(
  folder: TestFolder,
  {
    env = {},
    now = Date.now,
    spoil,
  }: { env?: Record<string, string>; now?: () => number; spoil?: (catalog: Catalog) => Catalog } = {},
) {
  const lines: string[] = [];
  const log = createLogger({ level: "info", destination: { write: (line) => void lines.push(line) } });
  const config = parseConfig({ DATA_DIR: folder.path, ...env });
  const lifecycle = createLifecycle({ log });
  const opened = await openCatalog(config);
  lifecycle.onStop("catalog", () => opened.close());
  folder.atEnd(() => lifecycle.stop({ timeoutMs: 5000 }));
  const catalog = spoil?.(opened) ?? opened;
  const auth = await createAuth({ config, catalog, lifecycle, log, now });
  return { config, lifecycle, catalog, log, lines, auth, now };
}

/** Adds a user without a password. */
export async function testUser(catalog: Catalog, username = "alice"): Promise<User> {
  const user = { id: newId(), username, passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 };
  await insertUser(catalog.db, user);
  return user;
}

/** Waits for something that other tasks bring about, some seconds at most. */
export async function eventually(is: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await is()) return;
    await Bun.sleep(10);
  }
  throw new Error("it did not come about within 5 seconds");
}
