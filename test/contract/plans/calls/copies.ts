import {
  copiesOf,
  copiesToDrop,
  copyById,
  countCopies,
  dueCopies,
  endCopiesOf,
  finishCopy,
  forgetCopy,
  giveUpCopy,
  isNeeded,
  placesOf,
  postponeDrops,
  wantCopies,
} from "#db/copies.ts";
import type { Catalog } from "#db/mod.ts";
import { backlogOf, blobsIn, cancelMoves, nameOf, queueMoves } from "#db/moves.ts";

import type { Calls } from "../calls.ts";
import { idOf, now, sha1Of } from "../scene.ts";
import { claimed } from "./claimed.ts";

const [stored, third] = [idOf("blob", 20), idOf("copy", 90_000)];
const blob = { id: stored, sha1: sha1Of(20), size: 20 };
const some = [30, 32, 34, 35].map((i) => idOf("blob", i));
const newIds = some.map((_, i) => idOf("copy", 90_001 + i));
const move = { from: "file", to: "third", keep: false, blobIds: some };

export const copyCalls: Calls = {
  wantCopies: (catalog) =>
    catalog.transaction((tx) => wantCopies(tx, blob, [{ id: third, store: "third", replaces: "second" }], now)),
  copyById: ({ db }) => copyById(db, third),
  copiesOf: ({ db }) => copiesOf(db, some),
  placesOf: ({ db }) => placesOf(db, stored),
  isNeeded: ({ db }) => isNeeded(db, { store: "second", key: "a" }, stored),
  dueCopies: (catalog) => dueCopies(catalog, now, 4),
  "finishCopy, of a copy that moved": (catalog) => finish(catalog, third),
  "finishCopy, of a home that moved": (catalog) => finish(catalog, idOf("copy", 205)),
  endCopiesOf: (catalog) => catalog.transaction((tx) => endCopiesOf(tx, stored)),
  giveUpCopy: async (catalog) =>
    giveUpCopy(catalog, await claimed(catalog, { table: "copies", state: "wanted", id: idOf("copy", 305) })),
  copiesToDrop: (catalog) => copiesToDrop(catalog, now, 100),
  postponeDrops: (catalog) => postponeDrops(catalog, "second", now, now + 1000),
  forgetCopy: (catalog) => forgetCopy(catalog, { id: idOf("copy", 10), key: `${sha1Of(20)}-copy` }),
  countCopies,
  queueMoves: (catalog) => {
    const ids = newIds.values();
    return queueMoves(catalog, move, () => ids.next().value ?? "", now);
  },
  "backlogOf, of a move": (catalog) => backlogOf(catalog, "third", "file"),
  "backlogOf, of second copies": (catalog) => backlogOf(catalog, "second", null),
  "cancelMoves, from a store to another": (catalog) => cancelMoves(catalog, { from: "file", to: "third" }, now),
  "cancelMoves, to a store": (catalog) => cancelMoves(catalog, { to: "second" }, now),
  "cancelMoves, all": (catalog) => cancelMoves(catalog, {}, now),
  blobsIn: (catalog) => blobsIn(catalog, "second", "", 200),
  "blobsIn, the next page": (catalog) => blobsIn(catalog, "second", idOf("blob", 30_000), 200),
  nameOf: ({ db }) => nameOf(db, stored),
};

async function finish(catalog: Catalog, id: string): Promise<void> {
  const lease = await claimed(catalog, { table: "copies", state: "wanted", id });
  const copy = await copyById(catalog.db, id);
  if (!copy || !(await finishCopy(catalog, lease, copy, now + 1000))) throw new Error(`copy ${id} is not held`);
}
