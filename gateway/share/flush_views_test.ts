import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Catalog, openCatalog } from "#db/mod.ts";
import { insertShare, shareByCode } from "#db/shares.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { memoryViews, type Views } from "#lib/views/mod.ts";

import { flushViews } from "./flush_views.ts";

let folder: string;
let catalog: Catalog;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-flush-"));
  catalog = await openCatalog(parseConfig({ DATA_DIR: folder }));
});
afterAll(async () => {
  await catalog.close();
  await rm(folder, { recursive: true });
});

async function addShare() {
  const none = { withId: null, passwordHash: null, expiresAt: null, maxDownloads: null, purgeAt: null };
  const share = { id: newId(), code: newId(), userId: newId(), fileId: newId(), listed: 1, createdAt: 0, ...none };
  await catalog.transaction((tx) => insertShare(tx, share));
  return share;
}

/** Views of a process that may be ended at any step of writing them, by an error. */
function dying(views: Views, at: "take" | "rank" | "written"): Views {
  const die = async () => {
    throw new Error(`ended at ${at}`);
  };
  return { ...views, ranked: 1, [at]: die };
}

test("views are written once, wherever the one who wrote them was ended", async () => {
  const { id, code } = await addShare();
  const views = memoryViews();
  for (const at of ["take", "rank", "written"] as const) {
    views.add(id);
    views.add(id);
    const flush = flushViews({ catalog, views: dying(views, at), now: () => 1 });
    expect(await flush.catch((error: Error) => error.message)).toBe(`ended at ${at}`);
  }
  // Both of a cluster at once, and again.
  await Promise.all([1, 2, 3].map(() => flushViews({ catalog, views, now: () => 1 })));
  await flushViews({ catalog, views, now: () => 1 });
  expect(await shareByCode(catalog, code)).toMatchObject({ views: 6 });
  expect(await views.pending([id])).toEqual(new Map([[id, 0]]));
});

test("views stay where the rows cannot be written", async () => {
  const { id, code } = await addShare();
  const views = memoryViews();
  views.add(id);
  const away: Catalog = {
    ...catalog,
    transaction: async () => {
      throw new Error("the rows are away");
    },
  };
  expect(await flushViews({ catalog: away, views, now: () => 1 }).catch((error: Error) => error.message)).toBe(
    "the rows are away",
  );
  expect(await views.pending([id])).toEqual(new Map([[id, 1]]));
  await flushViews({ catalog, views, now: () => 1 });
  expect(await shareByCode(catalog, code)).toMatchObject({ views: 1 });
});
