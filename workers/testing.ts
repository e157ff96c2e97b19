import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { insertUpload } from "#db/insert_upload.ts";
import type { Catalog } from "#db/mod.ts";
import { closeUpload, type Upload, uploadById } from "#db/uploads.ts";
import { insertUser } from "#db/users.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { WorkerContext } from "./context.ts";
import { openPorts } from "./open.ts";
import type { Job, RowWorker, Verdict } from "./worker.ts";

/** The ports of a worker's process on a folder of its own, whose clock moves only as a test says. */
export async function testWorkers(env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "sluice-workers-"));
  const config = parseConfig({ LOG_LEVEL: "silent", SWEEP_EVERY: "20ms", ...env, DATA_DIR: folder });
  const clock = { at: 1_700_000_000_000 };
  const ctx: WorkerContext = { ...(await openPorts(config)), now: () => clock.at };
  return {
    ctx,
    clock,
    [Symbol.asyncDispose]: async () => {
      await ctx.lifecycle.stop({ timeoutMs: 5000 });
      await rm(folder, { recursive: true });
    },
  };
}

/** A user of whom nothing but the row is asked for. @returns the id. */
export async function newUser({ db }: Catalog): Promise<string> {
  const id = newId();
  await insertUser(db, { id, username: id, passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 });
  return id;
}

/** An upload that is a job for {@link testWorker}: its bytes are not asked for. */
export async function waitingUpload({ catalog }: WorkerContext): Promise<() => Promise<Upload>> {
  const [id, userId] = [newId(), await newUser(catalog)];
  const shape = { name: "a", size: 1, sha1: null, chunkSize: 1, chunkCount: 1, node: "n", requestId: null };
  await insertUpload(catalog, { ...shape, id, userId, createdAt: 0, expiresAt: 0 });
  await closeUpload(catalog, id, 0, "request");
  return async () => {
    const upload = await uploadById(catalog.db, id);
    if (upload) return upload;
    throw new Error(`upload ${id} is gone`);
  };
}

/** A worker over uploads that wait for their merge, which does as a test says. */
export function testWorker(run: (ctx: WorkerContext, job: Job) => Promise<Verdict>, due: () => string[] = () => []): RowWorker {
  return { name: "merge", table: "uploads", state: "verifying", due: async () => due(), run };
}
