import { liveBlob, type LostBlob } from "./blobs.ts";
import type { Queries } from "./catalog.ts";
import { type ObjectPlace, placesOf } from "./copies.ts";

/** As much of the stores as is needed: whether an object of `size` bytes is there, or may be in a store that is away. */
export type ObjectLook = (place: ObjectPlace, size: number) => Promise<boolean>;

/**
 * The living blob of a content, if it is stored and none of its stores has it: for one who brings the bytes, before the
 * transaction that takes them, since stores are far away.
 */
export async function findLostBlob(db: Queries, sha1: string, mayHold: ObjectLook): Promise<LostBlob | undefined> {
  const blob = await liveBlob(db, sha1);
  if (blob?.state !== "stored") return undefined;
  const places = await placesOf(db, blob.id);
  for (const place of places) if (await mayHold(place, blob.size)) return undefined;
  // Moved or purged meanwhile.
  if (places.length === 0) return undefined;
  return { id: blob.id, keys: places.map(({ key }) => key) };
}
