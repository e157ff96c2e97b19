import type { Blob } from "#db/blobs.ts";
import { type Copy, copiesOf } from "#db/copies.ts";
import { blobsById, videosThatAre } from "#db/inspection.ts";
import { objectKey, partsOfKey } from "#db/object_key.ts";
import type { ListedObject, NamedStore } from "#lib/store/mod.ts";

import type { WorkerContext } from "../context.ts";
import { videoOfPoster } from "../poster_key.ts";
import type { Check } from "./fsck.ts";

const page = 500;
/** Younger ones may be of somebody who is slow to write a row. */
const safeAgeMs = 24 * 3_600_000;

/** From the objects of a store to the rows: whether each has one that stands for it. */
export async function checkObjects(check: Check, named: NamedStore): Promise<void> {
  const { ctx, report, signal } = check;
  for (let after = ""; ;) {
    // Listed before the rows are read: what was put before it was listed has its row by then, or never will.
    const objects = await named.store.list({ prefix: "", after, limit: page }, signal);
    if (objects.length === 0) return;
    report.summary.objects += objects.length;
    const claims = await claimsOn(ctx, named.name, objects);
    for (const object of objects) await checkObject(check, named, object, claims(object.key));
    after = objects.at(-1)?.key ?? after;
  }
}

async function checkObject(
  check: Check,
  named: NamedStore,
  { key, size, modifiedAt }: ListedObject,
  claim: Claim,
): Promise<void> {
  const { ctx, options, report, signal } = check;
  if (claim === "stranger") report.summary.strangers += 1;
  if (claim === "stranger" || claim === "needed") return;
  if (modifiedAt > ctx.now() - safeAgeMs) {
    report.summary.young += 1;
    return;
  }
  const found = { kind: "orphan" as const, store: named.name, key, detail: `no row stands for its ${size} bytes` };
  if (!options.isRepair) return report.find({ ...found, repair: "possible" });
  const isSafe = !(await mayBeTheSame(check, named, { key, modifiedAt }));
  if (isSafe) await named.store.delete(key, signal);
  report.find({ ...found, repair: isSafe ? "done" : "none" });
}

/**
 * Whether an object that is nobody's here is one that a row names in another store, and put at the same moment: two names for one
 * place that nothing else has told apart (a second host name of one store). To delete it might be to lose it.
 */
async function mayBeTheSame(
  { ctx, signal }: Check,
  { name }: NamedStore,
  { key, modifiedAt }: Pick<ListedObject, "key" | "modifiedAt">,
): Promise<boolean> {
  for (const other of ctx.stores.all) {
    if (other.name === name) continue;
    const head = await other.store.head(key, signal);
    if (head !== null && Math.abs(head.modifiedAt - modifiedAt) < 2000) return true;
  }
  return false;
}

type Claim = "needed" | "orphan" | "stranger";

/** What rows say of these objects. */
async function claimsOn(
  { catalog, stores }: WorkerContext,
  store: string,
  objects: ListedObject[],
): Promise<(key: string) => Claim> {
  const blobIds = [...new Set(objects.flatMap(({ key }) => partsOfKey(key)?.blobId ?? []))];
  const videoIds = objects.flatMap(({ key }) => videoOfPoster(key) ?? []);
  // Copies first: what changes places with its blob between the two reads is seen by one of them.
  const before = await copiesOf(catalog.db, blobIds);
  const blobs = new Map((await blobsById(catalog.db, blobIds)).map((blob) => [blob.id, blob]));
  const copies = Map.groupBy([...before, ...(await copiesOf(catalog.db, blobIds))], ({ blobId }) => blobId);
  const videos = await videosThatAre(catalog.db, videoIds);
  const isHere = (name: string | null) => stores.nameOf(name) === store;
  return (key) => {
    const video = videoOfPoster(key);
    if (video !== null) return videos.has(video) ? "needed" : "orphan";
    const blobId = partsOfKey(key)?.blobId;
    if (blobId === undefined) return "stranger";
    const isCopy = (copies.get(blobId) ?? []).some((copy: Copy) => copy.key === key && isHere(copy.store));
    const blob = blobs.get(blobId);
    return isCopy || (blob !== undefined && standsFor(blob, key, isHere)) ? "needed" : "orphan";
  };
}

/** A push may be making the object of a spooled blob, in whatever store, and a purge will delete it. */
function standsFor(blob: Blob, key: string, isHere: (name: string | null) => boolean): boolean {
  if (blob.state === "stored") return blob.key === key && isHere(blob.store);
  return (blob.key ?? objectKey(blob)) === key;
}
