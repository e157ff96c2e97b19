import { blobsById, isStillAt, replaceCopy, spooledBlobs, storedBlobs, videosThatAre } from "#db/inspection.ts";
import type { Catalog } from "#db/mod.ts";

import type { Calls } from "../calls.ts";
import { idOf, node, now, sha1Of } from "../scene.ts";

const far = idOf("blob", 30_000);

export const inspectionCalls: Calls = {
  storedBlobs: (catalog) => storedBlobs(catalog, "", 200),
  "storedBlobs, the next page": (catalog) => storedBlobs(catalog, far, 200),
  "storedBlobs, one": (catalog) => storedBlobs(catalog, far, 1),
  spooledBlobs: (catalog) => spooledBlobs(catalog, node, "", 200),
  "spooledBlobs, the next page": (catalog) => spooledBlobs(catalog, node, far, 200),
  blobsById: ({ db }) => blobsById(db, [far]),
  videosThatAre: ({ db }) => videosThatAre(db, [idOf("video", 1)]),
  isStillAt: ({ db }) => isStillAt(db, far, { store: "file", key: "a" }),
  "replaceCopy, of a copy": (catalog) => replace(catalog, 40, "copy"),
  "replaceCopy, of a home": (catalog) => replace(catalog, 44, "home"),
};

async function replace(catalog: Catalog, i: number, bad: "copy" | "home"): Promise<void> {
  const [home, copy] = [
    { store: "file", key: sha1Of(i) },
    { store: "second", key: `${sha1Of(i)}-copy` },
  ];
  const places = bad === "home" ? { bad: home, good: copy } : { bad: copy, good: home };
  const replaced = await replaceCopy(catalog, { ...places, blobId: idOf("blob", i), newId: idOf("copy", 91_000 + i), now });
  if (!replaced) throw new Error(`blob ${i} has not both`);
}
