import { blobsIn, type Movable, queueMoves } from "#db/moves.ts";
import { newId } from "#lib/id/mod.ts";
import { mediaTypeOf } from "#lib/placement/mod.ts";

import type { WorkerContext } from "../context.ts";
import type { MoveOptions } from "./options.ts";

const page = 200;

/** What a look at a store came to. */
export interface MoveCount {
  /** Blobs that are (or, in a dry run, would be) queued. */
  queued: number;
  bytes: number;
  /** On their way already, by an earlier call. */
  before: number;
  /** In both stores, and left there: a move would make one copy of two. */
  both: number;
}

/** Queues all that is to be moved, a page of rows at a time; what is queued already is not queued again. */
export async function queueAll(ctx: WorkerContext, options: MoveOptions, signal: AbortSignal): Promise<MoveCount> {
  const total: MoveCount = { queued: 0, bytes: 0, before: 0, both: 0 };
  for (let after = ""; ;) {
    signal.throwIfAborted();
    const blobs = await blobsIn(ctx.catalog, options.from, after, page);
    const wanted = blobs.filter((blob) => isWanted(blob, options));
    const counted = options.isDryRun ? { queued: wanted.length, before: 0, both: 0 } : await queue(ctx, options, wanted);
    total.queued += counted.queued;
    total.before += counted.before;
    total.both += counted.both;
    total.bytes += wanted.reduce((sum, { size }) => sum + size, 0);
    if (blobs.length < page) return total;
    after = blobs.at(-1)?.id ?? after;
  }
}

async function queue(ctx: WorkerContext, { from, to, keep }: MoveOptions, wanted: Movable[]) {
  const now = ctx.now();
  return await queueMoves(ctx.catalog, { from, to, keep, blobIds: wanted.map(({ id }) => id) }, () => newId(now), now);
}

function isWanted({ name, size }: Movable, { where }: MoveOptions): boolean {
  return where === undefined || where({ name: name ?? "", size, type: mediaTypeOf(name ?? "") });
}
