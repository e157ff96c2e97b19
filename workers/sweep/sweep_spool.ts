import { blobsInSpool } from "#db/blobs.ts";
import { pendingStates, uploadStates } from "#db/uploads.ts";
import type { SpoolEntry } from "#lib/spool/mod.ts";

import type { WorkerContext } from "../context.ts";

const batch = 500;
/**
 * A file that has no row yet may be of a form whose other files are still on their way: it is left alone for as long
 * after its last byte. Those of a gateway that died went when it started again.
 */
const rowlessMs = 24 * 3_600_000;

/**
 * Removes spool files that no row needs: what a process left that died between a row and its file.
 *
 * @param options `rowlessFor`: milliseconds for which a file without any row is left alone, 0 where nothing can be on its way;
 *   `entries`: what lies in the spool, where that is known already.
 * @returns the ids removed.
 */
export async function sweepSpool(
  ctx: Pick<WorkerContext, "catalog" | "spool" | "progress" | "now" | "log">,
  options: { rowlessFor?: number; entries?: SpoolEntry[] } = {},
): Promise<string[]> {
  const { rowlessFor = rowlessMs, entries = await ctx.spool.list() } = options;
  const removed: string[] = [];
  for (let i = 0; i < entries.length; i += batch) {
    for (const id of await unneeded(ctx, entries.slice(i, i + batch), ctx.now() - rowlessFor)) {
      await ctx.spool.remove(id);
      await ctx.progress.drop(id);
      removed.push(id);
    }
  }
  if (removed.length > 0) ctx.log.info({ worker: "sweep", removed }, "spool files that no row needs");
  return removed;
}

/** What {@link sweepSpool} would remove. @returns ids. */
export async function unneededSpoolFiles(ctx: Pick<WorkerContext, "catalog" | "spool" | "now">): Promise<string[]> {
  const entries = await ctx.spool.list();
  const ids: string[] = [];
  for (let i = 0; i < entries.length; i += batch)
    ids.push(...(await unneeded(ctx, entries.slice(i, i + batch), ctx.now() - rowlessMs)));
  return ids;
}

async function unneeded(
  { catalog }: Pick<WorkerContext, "catalog">,
  entries: SpoolEntry[],
  rowlessBefore: number,
): Promise<string[]> {
  const ids = entries.map(({ id }) => id);
  // In a transaction, for both looks to see one state of the primary: in between, an upload may end and have its blob.
  const [states, spooled] = await catalog.transaction(async (tx) => [await uploadStates(tx, ids), await blobsInSpool(tx, ids)]);
  const needed = new Set(spooled);
  return entries
    .filter(({ id, modifiedAt }) => {
      if (needed.has(id)) return false;
      const state = states.get(id);
      return state === undefined ? modifiedAt <= rowlessBefore : !pendingStates.includes(state);
    })
    .map(({ id }) => id);
}
