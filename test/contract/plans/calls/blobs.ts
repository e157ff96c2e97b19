import {
  blobById,
  blobsInSpool,
  dueBlobs,
  forgetBlob,
  holdOrMakeBlob,
  lockBlob,
  purgeBlobUnlessNeeded,
  storeBlob,
} from "#db/blobs.ts";
import { findLostBlob } from "#db/lost_blob.ts";
import { announceNode, forgetNode, listNodes, nodeById } from "#db/nodes.ts";

import type { Calls } from "../calls.ts";
import { idOf, node, now, sha1Of } from "../scene.ts";

const lease = { table: "blobs", id: idOf("blob", 501), owner: "somebody", fence: 1 } as const;
const place = { spoolId: idOf("spool", 90_000), node };
const hash = { sha256: "0".repeat(64) };
const none = { has: async () => false };

export const blobCalls: Calls = {
  "holdOrMakeBlob, of what is not there": (catalog) =>
    catalog.transaction((tx) =>
      holdOrMakeBlob(tx, idOf("blob", 90_000), { ...hash, sha1: "0".repeat(40), size: 1 }, place, now, none),
    ),
  "holdOrMakeBlob, of what was lost": (catalog) =>
    catalog.transaction((tx) =>
      holdOrMakeBlob(tx, idOf("blob", 90_001), { ...hash, sha1: sha1Of(751), size: 751 }, { ...place, node: "node1" }, now, none),
    ),
  "holdOrMakeBlob, of what no store has": (catalog) =>
    catalog.transaction((tx) =>
      holdOrMakeBlob(tx, idOf("blob", 90_002), { ...hash, sha1: sha1Of(1000), size: 1000 }, place, now, none, {
        id: idOf("blob", 1000),
        keys: [sha1Of(1000), `${sha1Of(1000)}-copy`],
      }),
    ),
  "findLostBlob, which is there": ({ db }) => findLostBlob(db, sha1Of(60), async () => true),
  blobById: ({ db }) => blobById(db, idOf("blob", 1)),
  storeBlob: (catalog) => catalog.transaction((tx) => storeBlob(tx, lease, { store: "file", key: "a" })),
  lockBlob: (catalog) => catalog.transaction((tx) => lockBlob(tx, idOf("blob", 1))),
  purgeBlobUnlessNeeded: (catalog) => catalog.transaction((tx) => purgeBlobUnlessNeeded(tx, idOf("blob", 90_000))),
  forgetBlob: (catalog) => forgetBlob(catalog, lease),
  "dueBlobs, to be pushed": (catalog) => dueBlobs(catalog, "spooled", node, now, 100),
  "dueBlobs, to be purged": (catalog) => dueBlobs(catalog, "purging", node, now, 100),
  blobsInSpool: ({ db }) =>
    blobsInSpool(
      db,
      [1, 251, 501].map((i) => idOf("spool", i)),
    ),
  announceNode: ({ db }) => announceNode(db, { id: "node9", url: "http://node9", seenAt: now }),
  listNodes: ({ db }) => listNodes(db),
  nodeById: ({ db }) => nodeById(db, "node9"),
  forgetNode: ({ db }) => forgetNode(db, { id: "node9", url: "http://node9" }),
};
