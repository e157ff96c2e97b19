import type { Blob } from "#db/blobs.ts";
import type { Copy, ObjectPlace } from "#db/copies.ts";
import { isStillAt } from "#db/inspection.ts";
import { isAppError } from "#lib/errors/mod.ts";

import type { WorkerContext } from "../context.ts";
import { digestOf } from "../digest_of.ts";

/** What is wrong with an object that a row says is there. */
export interface Fault {
  kind: "lost" | "wrong-size" | "damaged";
  place: ObjectPlace;
  /** What is there, against what must be. */
  detail: string;
}

/** What was found out about the objects of one blob. */
export interface Inspection {
  /** Objects that are as their rows say. */
  whole: ObjectPlace[];
  faults: Fault[];
  /** Objects that nobody could look at, and why. */
  unseen: { store: string | null; reason: string }[];
  /** Bytes that were read. */
  bytes: number;
}

/**
 * Looks at the home of a stored blob and at its held copies: whether they are there, of the right size, and, with `isDeep`, read
 * to their end, of the right SHA-256.
 */
export async function inspectBlob(
  ctx: Pick<WorkerContext, "catalog" | "stores">,
  blob: Blob,
  copies: Copy[],
  isDeep: boolean,
  signal: AbortSignal,
): Promise<Inspection> {
  const found: Inspection = { whole: [], faults: [], unseen: [], bytes: 0 };
  const held = copies.filter(({ state }) => state === "held").map(({ id, store, key }) => ({ id, store, key }));
  for (const { id, store, key } of [{ id: undefined, store: blob.store, key: blob.key ?? "" }, ...held]) {
    const place = { store, key };
    try {
      const fault = await faultOf(ctx, blob, place, isDeep, signal);
      if (isDeep) found.bytes += blob.size;
      if (fault === null) found.whole.push(place);
      // Moved, purged or replaced while it was looked at: whoever did that has seen to it.
      else if (await isStillAt(ctx.catalog.db, blob.id, place, id)) found.faults.push({ ...fault, place });
    } catch (error) {
      signal.throwIfAborted();
      found.unseen.push({ store, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return found;
}

async function faultOf(
  { stores }: Pick<WorkerContext, "stores">,
  blob: Blob,
  { store: name, key }: ObjectPlace,
  isDeep: boolean,
  signal: AbortSignal,
): Promise<Omit<Fault, "place"> | null> {
  const store = stores.named(name);
  const head = await store.head(key, signal);
  if (head === null) return { kind: "lost", detail: "there is no such object" };
  if (head.size !== blob.size) return { kind: "wrong-size", detail: `it has ${head.size} bytes, must have ${blob.size}` };
  if (!isDeep) return null;
  try {
    const { sha256 } = await digestOf(await store.get(key, undefined, signal), signal);
    return sha256 === blob.sha256 ? null : { kind: "damaged", detail: `its SHA-256 is ${sha256}, must be ${blob.sha256}` };
  } catch (error) {
    if (isAppError(error, "content-lost")) return { kind: "lost", detail: "there is no such object any more" };
    throw error;
  }
}
