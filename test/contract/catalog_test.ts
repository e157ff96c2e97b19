import { describe } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openCatalog } from "#db/mod.ts";
import { parseConfig } from "#lib/config/mod.ts";

import { lacksServers, realServers } from "../support/real_servers.ts";
import { testDatabase } from "../support/test_database.ts";
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

describe.skipIf(lacksServers("mysql"))("on a real server", () => {
  catalogContract("MariaDB", async () => {
    const servers = await realServers("mysql");
    const database = await testDatabase(servers.stack);
    const catalog = await openCatalog(parseConfig({ DATABASE_URL: database.url }));
    return {
      catalog,
      close: async () => {
        await catalog.close();
        await database[Symbol.asyncDispose]();
        await servers[Symbol.asyncDispose]();
      },
    };
  });
});
