import { describe } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openCatalog } from "#db/mod.ts";
import { parseConfig } from "#lib/config/mod.ts";

import { lacksServers, realServers } from "../support/real_servers.ts";
import { testDatabase } from "../support/test_database.ts";
import { catalogContract, type CatalogHarness } from "./catalog.ts";
import { catalogAtOnce } from "./catalog_at_once.ts";
import { catalogCopies } from "./catalog_copies.ts";
import { catalogRaces } from "./catalog_races.ts";
import { catalogShares } from "./catalog_shares.ts";

async function sqlite(): Promise<CatalogHarness> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-catalog-"));
  const catalog = await openCatalog(parseConfig({ DATA_DIR: folder }));
  return {
    catalog,
    other: catalog,
    close: async () => {
      await catalog.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function mariadb(): Promise<CatalogHarness> {
  const servers = await realServers("mysql");
  const database = await testDatabase(servers.stack);
  const config = parseConfig({ DATABASE_URL: database.url });
  const [catalog, other] = [await openCatalog(config), await openCatalog(config)];
  return {
    catalog,
    other,
    close: async () => {
      await catalog.close();
      await other.close();
      await database[Symbol.asyncDispose]();
      await servers[Symbol.asyncDispose]();
    },
  };
}

catalogContract("SQLite", sqlite);
catalogRaces("SQLite", sqlite);
catalogShares("SQLite", sqlite);
catalogCopies("SQLite", sqlite);
catalogAtOnce("SQLite", sqlite);

describe.skipIf(lacksServers("mysql"))("on a real server", () => {
  catalogContract("MariaDB", mariadb);
  catalogRaces("MariaDB", mariadb);
  catalogShares("MariaDB", mariadb);
  catalogCopies("MariaDB", mariadb);
  catalogAtOnce("MariaDB", mariadb);
});
