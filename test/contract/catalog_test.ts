import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openCatalog } from "#db/mod.ts";
import { parseConfig } from "#lib/config/mod.ts";

import { catalogContract } from "./catalog.ts";

catalogContract("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-catalog-"));
  const catalog = await openCatalog(parseConfig({ DATA_DIR: folder }));
  return {
    catalog,
    close: async () => {
      await catalog.close();
      await rm(folder, { recursive: true });
    },
  };
});
