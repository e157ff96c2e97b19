import { blobById } from "#db/blobs.ts";
import { spooledBlobs } from "#db/inspection.ts";

import { sweepSpool, unneededSpoolFiles } from "../sweep/sweep_spool.ts";
import type { Check } from "./fsck.ts";

const page = 500;

/** This node's spool, both ways. What other nodes have on their disks, only they can see. */
export async function checkSpool(check: Check): Promise<void> {
  await findLost(check);
  const { ctx, options, report } = check;
  const removed = new Set(options.isRepair ? await sweepSpool(ctx) : []);
  const ids = options.isRepair ? [...removed] : await unneededSpoolFiles(ctx);
  for (const id of ids) {
    const repair = removed.has(id) ? ("done" as const) : ("possible" as const);
    report.find({ kind: "spool-orphan", key: id, detail: `no row needs the spool file ${id}`, repair });
  }
}

async function findLost({ ctx, report, signal }: Check): Promise<void> {
  for (let after = ""; ;) {
    const blobs = await spooledBlobs(ctx.catalog, ctx.node, after, page);
    for (const { id, spoolId, size } of blobs) {
      signal.throwIfAborted();
      if (spoolId !== null && (await ctx.spool.has(spoolId, size))) continue;
      // A push may have ended since.
      const now = await blobById(ctx.catalog.db, id);
      if (now?.state !== "spooled" || now.spoolId !== spoolId) continue;
      const detail = `its spool file ${spoolId} is gone, and no store has it; uploading the content again heals it`;
      report.find({ kind: "spool-lost", blobId: id, detail, repair: "none" });
    }
    if (blobs.length < page) return;
    after = blobs.at(-1)?.id ?? after;
  }
}
