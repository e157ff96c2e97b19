import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";
import { diskStore } from "#lib/store/mod.ts";

import { storeContract, type StoreHarness } from "./store.ts";

async function openDisk(sourcesParent: string, verifies: boolean): Promise<StoreHarness> {
  const root = await mkdtemp(join(tmpdir(), "sluice-store-"));
  const sources = await mkdtemp(join(sourcesParent, "sluice-sources-"));
  const aside = join(root, "tmp");
  const store = await diskStore(root);
  return {
    store,
    sources,
    verifies,
    unfinished: async () => (await readdir(aside)).length,
    leaveUnfinished: async () => void (await Bun.write(join(aside, `${Date.now()}-${newId()}`), "half")),
    async close() {
      await store.close();
      await rm(root, { recursive: true });
      await rm(sources, { recursive: true });
    },
  };
}

storeContract("disk, by hard link", async () => openDisk(tmpdir(), false));
// A filesystem of its own on every Linux.
const elsewhere = "/dev/shm";
if (existsSync(elsewhere)) storeContract("disk, by copy", async () => openDisk(elsewhere, true));
