import pLimit from "p-limit";

import type { Blob } from "#db/blobs.ts";
import { type Copy, copiesOf } from "#db/copies.ts";
import { replaceCopy, storedBlobs } from "#db/inspection.ts";
import { newId } from "#lib/id/mod.ts";

import type { WorkerContext } from "../context.ts";
import type { Check } from "./fsck.ts";
import { type Fault, inspectBlob, type Inspection } from "./inspect_blob.ts";

const page = 200;
/** Objects looked at at once: most of the time is spent on the way to the store. */
const parallel = 8;

/** From the rows to the objects: whether what rows say is stored is there. */
export async function checkBlobs({ ctx, options, report, signal }: Check): Promise<void> {
  const inTurn = pLimit(options.isDeep ? 2 : parallel);
  for (let after = ""; ;) {
    const blobs = await storedBlobs(ctx.catalog, after, page);
    const copies = Map.groupBy(
      await copiesOf(
        ctx.catalog.db,
        blobs.map(({ id }) => id),
      ),
      ({ blobId }) => blobId,
    );
    const check = async (blob: Blob) => await checkBlob({ ctx, options, report, signal }, blob, copies.get(blob.id) ?? []);
    await Promise.all(blobs.map((blob) => inTurn(check, blob)));
    if (blobs.length < page) return;
    after = blobs.at(-1)?.id ?? after;
  }
}

async function checkBlob({ ctx, options, report, signal }: Check, blob: Blob, copies: Copy[]): Promise<void> {
  signal.throwIfAborted();
  const found = await inspectBlob(ctx, blob, copies, options.isDeep, signal);
  report.summary.blobs += 1;
  report.summary.bytes += found.bytes;
  for (const { store, reason } of found.unseen) {
    if (!ctx.stores.all.some(({ name }) => name === ctx.stores.nameOf(store)))
      report.find({ kind: "unknown-store", blobId: blob.id, detail: reason, repair: "none", ...(store !== null && { store }) });
    else report.fail(`${store}: ${reason}`);
  }
  for (const { kind, place, detail } of found.faults) {
    const repair = await repairFault(ctx, blob, { place }, found, options.isRepair);
    const where = { key: place.key, blobId: blob.id, ...(place.store !== null && { store: place.store }) };
    report.find({ kind, ...where, detail, repair });
  }
}

/** A copy that is lost or damaged is made anew from another that is whole; of the only one nothing can be. */
async function repairFault(
  ctx: WorkerContext,
  blob: Blob,
  { place }: Pick<Fault, "place">,
  { whole: [good] }: Inspection,
  isRepair: boolean,
): Promise<"done" | "possible" | "none"> {
  if (good === undefined) return "none";
  if (!isRepair) return "possible";
  const now = ctx.now();
  const isQueued = await replaceCopy(ctx.catalog, { blobId: blob.id, bad: place, good, newId: newId(now), now });
  return isQueued ? "done" : "possible";
}
