import { deleteExpiredAttempts } from "#db/attempts.ts";
import { forgetChallenges } from "#db/challenges.ts";
import { deleteDeadSessions } from "#db/sessions.ts";
import { forgetGrants } from "#db/share_downloads.ts";
import { expireUploads, forgetUploads } from "#db/uploads.ts";
import { forgetViewBatches } from "#db/views.ts";

import type { WorkerContext } from "../context.ts";
import { sweepTempFiles } from "../copy/temp_files.ts";
import type { TickWorker } from "../worker.ts";
import { scrubWhenDue } from "./scrub.ts";
import { sweepSpoolAtTimes } from "./sweep_spool_at_times.ts";

const batch = 100;
/** Nobody puts one object for longer than a day. */
const stalePutMs = 24 * 3_600_000;
/** No batch of views is brought again so long after it was taken in. */
const viewBatchMs = 3_600_000;

/** Housekeeping: uploads that nobody touches, spool files without a row, puts that were never finished, rows past their use. */
export const sweep: TickWorker = {
  name: "sweep",
  tick: async (ctx, signal) => {
    const now = ctx.now();
    await cancelExpired(ctx);
    await sweepSpoolAtTimes(ctx);
    await sweepStores(ctx, now - stalePutMs, signal);
    await sweepTempFiles(ctx.config.DATA_DIR, now - stalePutMs);
    ctx.lifecycle.background("scrub", () => scrubWhenDue(ctx));
    while ((await forgetUploads(ctx.catalog, now, batch)) === batch) signal.throwIfAborted();
    await forgetChallenges(ctx.catalog, now);
    await deleteExpiredAttempts(ctx.catalog.db, now);
    await forgetGrants(ctx.catalog.db, now);
    await forgetViewBatches(ctx.catalog.db, now - viewBatchMs);
    // A revoked session is kept until no token of it can be good any more.
    await deleteDeadSessions(ctx.catalog.db, now - 2 * ctx.config.TOKEN_TTL);
  },
};

/** One that is away does not keep the others' leavings, nor the rest of this tick. */
async function sweepStores(ctx: WorkerContext, before: number, signal: AbortSignal): Promise<void> {
  for (const { name, store } of ctx.stores.all) {
    try {
      await store.sweep(before, signal);
    } catch (error) {
      signal.throwIfAborted();
      ctx.log.warn({ worker: "sweep", store: name, err: error }, "unfinished puts were not looked for");
    }
  }
}

async function cancelExpired(ctx: WorkerContext): Promise<void> {
  const now = ctx.now();
  for (const { id, userId, node } of await expireUploads(ctx.catalog, now, now + ctx.config.UPLOAD_TTL, batch)) {
    if (node === ctx.node) await ctx.spool.remove(id);
    await ctx.progress.drop(id);
    await ctx.changed(userId);
    ctx.log.info({ worker: "sweep", uploadId: id }, "upload expired");
  }
}
