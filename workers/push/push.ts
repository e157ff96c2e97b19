import { type Blob, blobById, dueBlobs, storeBlob } from "#db/blobs.ts";
import { isNeeded, wantCopies } from "#db/copies.ts";
import { touchFilesOf } from "#db/files.ts";
import { nameOf } from "#db/moves.ts";
import { objectKey } from "#db/object_key.ts";
import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { mediaTypeOf } from "#lib/placement/mod.ts";
import { digestsIn } from "#lib/spool/mod.ts";
import type { PutSource } from "#lib/store/mod.ts";

import type { WorkerContext } from "../context.ts";
import { wake } from "../wake.ts";
import type { Job, RowWorker, Verdict } from "../worker.ts";

/** How long the spool keeps bytes that the store has: for downloads that looked at the row just before. */
const lingerMs = 1000;

/** Puts a spooled blob into the store that the policy says, then says so on its row, then frees the spool. */
export const push: RowWorker = {
  name: "push",
  table: "blobs",
  state: "spooled",
  due: (ctx, limit) => dueBlobs(ctx.catalog, "spooled", ctx.node, ctx.now(), limit),
  run: async (ctx, job) => {
    const blob = await blobById(ctx.catalog.db, job.lease.id);
    if (!blob?.spoolId) return { kind: "done", note: "the blob is gone" };
    // A message may be older than the row. The workers of that node find it by themselves.
    if (blob.node !== ctx.node) return { kind: "done", note: `its bytes lie on node ${blob.node}` };
    if (!(await ctx.spool.has(blob.spoolId, blob.size)))
      return { kind: "park", reason: "its spool file is gone, and no store has it" };
    return await pushTo(ctx, job, blob, blob.spoolId);
  },
};

async function pushTo(ctx: WorkerContext, job: Job, blob: Blob, spoolId: string): Promise<Verdict> {
  const key = blob.key ?? objectKey(blob);
  const digests = digestsIn((await ctx.spool.readLog(spoolId)).entries);
  const source = { path: ctx.spool.path(spoolId), size: blob.size, sha256: blob.sha256, digests };
  const places = await placesFor(ctx, blob);
  const store = await putIntoOne(ctx, places, key, source, job.signal);
  ctx.fault("push.after-put");
  const others = places.filter((name) => name !== store).map((name) => ({ id: newId(ctx.now()), store: name }));
  const owners = await ctx.catalog.transaction(async (tx) => {
    if (!(await storeBlob(tx, job.lease, { store, key }))) return undefined;
    // In the same transaction, as rows are jobs: what is stored once is known to be wanted twice.
    await wantCopies(tx, blob, others, ctx.now());
    return await touchFilesOf(tx, blob.id, ctx.now());
  });
  if (!owners) return await yieldTo(ctx, blob, store, key);
  ctx.fault("push.after-commit");
  await ctx.changed(...owners);
  for (const { id } of others) await wake(ctx, { worker: "copy", id, node: null, requestId: job.requestId });
  ctx.lifecycle.background("free spool", async () => {
    await Bun.sleep(lingerMs);
    await ctx.spool.remove(spoolId);
  });
  return { kind: "done" };
}

async function placesFor(ctx: WorkerContext, { id, size }: Blob): Promise<string[]> {
  const name = (await nameOf(ctx.catalog.db, id)) ?? "";
  return ctx.stores.place({ name, size, type: mediaTypeOf(name) });
}

/**
 * Puts into the first of these stores, or where that is away, into the next: bytes that are to be in two anyway had better be
 * in the one that is there than wait in the spool.
 *
 * @returns the name of the store that has them.
 */
async function putIntoOne(
  { stores }: WorkerContext,
  places: string[],
  key: string,
  source: PutSource,
  signal: AbortSignal,
): Promise<string> {
  const inOrder = places.toSorted((a, b) => Number(stores.isAway(a)) - Number(stores.isAway(b)));
  let failure: unknown;
  for (const name of inOrder) {
    try {
      stores.mustNotBeAway(name);
      await stores.named(name).put(key, source, signal);
      return name;
    } catch (error) {
      if (!isAppError(error, "unavailable", "no-space")) throw error;
      signal.throwIfAborted();
      if (!stores.isAway(name)) stores.noteAway(name);
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * The blob is somebody else's by now. One that is purged may have had its object deleted before this put made it again, and one
 * that was pushed anew may lie in another store: nobody else would ever look for it.
 */
async function yieldTo(ctx: WorkerContext, { id }: Blob, store: string, key: string): Promise<Verdict> {
  if (!(await isNeeded(ctx.catalog.db, { store, key }, id))) await ctx.stores.named(store).delete(key, ctx.lifecycle.aborted);
  return { kind: "done", note: "purged or taken over meanwhile" };
}
