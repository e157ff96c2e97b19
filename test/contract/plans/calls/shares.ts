import { countDownload, forgetGrants, isGranted } from "#db/share_downloads.ts";
import {
  deleteShare,
  insertShare,
  listedShares,
  listShares,
  listSharesWith,
  purgeShares,
  shareByCode,
  topShares,
} from "#db/shares.ts";
import { addViews, forgetViewBatches, listedViews } from "#db/views.ts";

import type { Calls } from "../calls.ts";
import { heavy, idOf, light, now } from "../scene.ts";

const some = [5, 10, 15].map((i) => idOf("share", i));
const fresh = { withId: null, passwordHash: null, expiresAt: null, maxDownloads: null, purgeAt: null, listed: 0, createdAt: now };
const grant = { keys: ["share #1", "share #2"], until: now };
const before = idOf("share", 8000);

export const shareCalls: Calls = {
  insertShare: (catalog) =>
    catalog.transaction((tx) =>
      insertShare(tx, { ...fresh, id: idOf("share", 90_000), code: "new", userId: heavy, fileId: idOf("file", 5) }),
    ),
  shareByCode: async (catalog) => shareByCode(catalog, "code-5"),
  listShares: ({ db }) => listShares(db, heavy, { limit: 100 }),
  "listShares, the next page": ({ db }) => listShares(db, heavy, { before, limit: 100 }),
  listSharesWith: ({ db }) => listSharesWith(db, light, now, { limit: 100 }),
  "listSharesWith, the next page": ({ db }) => listSharesWith(db, light, now, { before, limit: 100 }),
  topShares: ({ db }) => topShares(db, now, 100),
  listedShares: ({ db }) => listedShares(db, now, some),
  listedViews: ({ db }) => listedViews(db, some),
  addViews: (catalog) => addViews(catalog, { id: idOf("batch", 90_000), counts: new Map(some.map((id) => [id, 1])) }, now),
  forgetViewBatches: ({ db }) => forgetViewBatches(db, now - 9000),
  countDownload: (catalog) => countDownload(catalog, idOf("share", 5), now, grant),
  isGranted: ({ db }) => isGranted(db, grant.keys, now - 1),
  forgetGrants: ({ db }) => forgetGrants(db, now - 50),
  deleteShare: ({ db }) => deleteShare(db, heavy, "code-10", now),
  purgeShares: (catalog) => purgeShares(catalog, now, 100),
};
