import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { openCatalog } from "#db/mod.ts";
import { files } from "#db/schema.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { type TestDatabase, testDatabase } from "../support/test_database.ts";

setDefaultTimeout(300_000);

const open = (url: string) => openCatalog(parseConfig({ DATABASE_URL: url }));

/** The text of the refusal; fails when there is none. */
async function refusal(url: string): Promise<string> {
  const error = await open(url).then(
    async (catalog) => await catalog.close(),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(AppError);
  const { message } = error as AppError;
  expect(message).toStartWith("DATABASE_URL");
  expect(message).not.toContain(new URL(url).password);
  return message;
}

describe.skipIf(lacksServers("mysql"))("opening MySQL", () => {
  let servers: RealServers;
  let database: TestDatabase;

  beforeAll(async () => {
    servers = await realServers("mysql");
    database = await testDatabase(servers.stack, "COLLATE utf8mb4_general_ci");
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await servers[Symbol.asyncDispose]();
  });

  const changed = (change: (url: URL) => void) => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };
  const tables = async () => (await database.root("SHOW TABLES")).length;
  const row = (userId: string, name: string) => ({
    id: newId(),
    userId,
    name,
    liveName: name,
    searchName: name,
    blobId: newId(),
    sha1: "",
    size: 0,
    uploadedAt: 0,
    updatedAt: 0,
  });

  test("many at once migrate once, and texts are exact whatever the database's default", async () => {
    const catalogs = await Promise.all(Array.from({ length: 8 }, () => open(database.url)));
    const [{ n } = {}] = await database.root("SELECT COUNT(*) AS n FROM __drizzle_migrations");
    expect(Number(n)).toBe((await Array.fromAsync(new Bun.Glob("*.sql").scan("db/migrations"))).length);
    const names = ["a", "a ", "A", "á", "ß", "ss"];
    for (const name of names) await catalogs[0]?.db.insert(files).values(row("u", name));
    expect(await database.root("SELECT name FROM files WHERE live_name = 'a'")).toEqual([{ name: "a" }]);
    await Promise.all(catalogs.map((catalog) => catalog.close()));
  });

  test("a table that was made otherwise is refused, with what to run; and then taken", async () => {
    await database.root("DELETE FROM files");
    await database.root("ALTER TABLE files CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    const message = await refusal(database.url);
    expect(message).toContain("'a' = 'a '");
    expect(message).not.toContain("'a' = 'A'");
    await database.root(
      "ALTER TABLE users MODIFY username varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL",
    );
    await database.root("ALTER TABLE blobs CONVERT TO CHARACTER SET latin1");
    const more = await refusal(database.url);
    expect(more).toContain("'a' = 'A'");
    expect(more).toContain("latin1");
    for (const [, statement = ""] of more.matchAll(/Run: (.+)/g)) await database.root(statement);
    await (await open(database.url)).close();
  });

  test("a migration that was broken off is gone on with", async () => {
    const index = async () => await database.root("SHOW INDEX FROM files WHERE Key_name = 'files_list'");
    const columns = (await index()).length;
    await database.root("DELETE FROM __drizzle_migrations");
    await database.root("DROP TABLE users, heartbeats");
    await database.root("DROP INDEX files_list ON files");
    const before = await tables();
    await (await open(database.url)).close();
    expect(await tables()).toBe(before + 2);
    expect(await index()).toHaveLength(columns);
  });

  test("tables of somebody else are left alone", async () => {
    await using other = await testDatabase(servers.stack);
    await other.root("CREATE TABLE users (mine int)");
    for (let times = 0; times < 2; times++) expect(await refusal(other.url)).toContain("somebody else: users");
    expect(await other.root("SHOW TABLES")).toHaveLength(1);
  });

  test("a wrong password, user or database is told at once, and no secret", async () => {
    expect(await refusal(changed((url) => (url.password = "hunter2-not-it")))).toContain("Access denied");
    expect(await refusal(changed((url) => (url.username = "nobody")))).toContain("Access denied");
    const unknown = changed((url) => (url.pathname = `/${database.name}x`));
    expect(await refusal(unknown)).toMatch(/denied|Unknown database/);
    const root = new URL(servers.stack.root.mysql);
    root.pathname = "/nowhere";
    expect(await refusal(root.href)).toContain("Unknown database 'nowhere'");
  });

  test("a server that is not there is told after a while", async () => {
    expect(await refusal(changed((url) => (url.port = "1")))).toMatch(/127\.0\.0\.1:1 .*ECONNREFUSED/);
  });

  test.each(["mysql:", "mysql://u:hunter2@h", "mysql://u:hunter2@/x", "mysql://u:hunter2@h:99999/x"])(
    "%s is no address",
    async (url) => {
      const error = await open(url).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(AppError);
      expect(String(error)).toContain("DATABASE_URL");
      expect(String(error)).not.toContain("hunter2");
    },
  );

  test("a replica for a primary is refused", async () => {
    await using other = await testDatabase(servers.stack);
    await servers.stack.wait("replica");
    const replica = new URL(other.replicaUrl);
    for (let tries = 0; (await other.root("SELECT 1", "replica").catch(() => [])).length === 0 && tries < 100; tries++) {
      await Bun.sleep(50);
    }
    expect(await refusal(replica.href)).toContain("read-only");
  });
});
