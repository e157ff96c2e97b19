import { copiesOf } from "#db/copies.ts";
import { advanceCursor, type Cursor, readCursor } from "#db/cursors.ts";
import { storedBlobs } from "#db/inspection.ts";

import type { WorkerContext } from "../context.ts";
import { inspectBlob } from "../fsck/inspect_blob.ts";
import { runJob } from "../run_job.ts";
import type { Job, RowWorker, Verdict } from "../worker.ts";

const hourMs = 3_600_000;
const cursorId = "scrub";

/**
 * Reads the next stored blob, all its copies, and compares them with its SHA-256: some each hour, one at a time in the whole
 * cluster, round and round. Nothing is repaired: that is fsck's, when a person has seen it.
 */
export async function scrubWhenDue(ctx: WorkerContext): Promise<void> {
  const { SCRUB_PER_HOUR } = ctx.config;
  if (SCRUB_PER_HOUR === 0) return;
  const cursor = await readCursor(ctx.catalog, cursorId, ctx.now() + hourMs / SCRUB_PER_HOUR);
  if (cursor === undefined || cursor.leaseUntil > ctx.now()) return;
  await runJob(ctx, scrubber(cursor), cursorId);
}

/** The cursor's row as a job, for its lease: reading a large blob takes longer than any tick. */
function scrubber({ position }: Cursor): RowWorker {
  return { name: "sweep", table: "cursors", state: "due", due: async () => [], run: (ctx, job) => scrub(ctx, job, position) };
}

async function scrub(ctx: WorkerContext, { lease, signal }: Job, position: string): Promise<Verdict> {
  const [blob] = await storedBlobs(ctx.catalog, position, 1);
  // The scrub itself never fails: what cannot be read now has its turn in the next round.
  const note = blob === undefined ? "the round is over" : await look(ctx, blob, signal);
  await advanceCursor(ctx.catalog, lease, blob?.id ?? "", Math.round(ctx.now() + hourMs / ctx.config.SCRUB_PER_HOUR));
  return { kind: "done", note };
}

type StoredBlob = Awaited<ReturnType<typeof storedBlobs>>[number];

async function look(ctx: WorkerContext, blob: StoredBlob, signal: AbortSignal): Promise<string> {
  const { faults, unseen, whole } = await inspectBlob(ctx, blob, await copiesOf(ctx.catalog.db, [blob.id]), true, signal);
  for (const { kind, place, detail } of faults) {
    ctx.metrics.scrubbed(kind);
    ctx.log.error(
      { worker: "sweep", blobId: blob.id, ...place, kind, detail },
      "a stored object is not what it must be: run fsck",
    );
  }
  for (let i = 0; i < whole.length; i++) ctx.metrics.scrubbed("whole");
  for (const { store, reason } of unseen)
    ctx.log.warn({ worker: "sweep", blobId: blob.id, store, reason }, "an object was not scrubbed");
  return `scrubbed blob ${blob.id}: ${whole.length} whole, ${faults.length} not`;
}
