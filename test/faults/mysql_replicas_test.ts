import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { count, eq, sql } from "drizzle-orm";

import { type Catalog, type CatalogLog, openCatalog } from "#db/mod.ts";
import { heartbeats, users } from "#db/schema.ts";
import { findUser, insertUser } from "#db/users.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import { freeze } from "../support/freeze.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { type TestDatabase, testDatabase } from "../support/test_database.ts";

setDefaultTimeout(300_000);

describe.skipIf(lacksServers("mysql"))("MySQL replicas", () => {
  let servers: RealServers;
  let database: TestDatabase;
  let catalog: Catalog;
  let said: string[];
  /** Who wrote when, as the Redis of a cluster would tell; `undefined` is a Redis that is away. */
  let wrote: Map<string, number> | undefined;

  const recency = {
    isRecent: async (userId: string) => {
      if (!wrote) throw new Error("Redis is away");
      return performance.now() - (wrote.get(userId) ?? Number.NEGATIVE_INFINITY) < 5000;
    },
  };
  const note = (fields: object, message: string) => void said.push(`${message} ${JSON.stringify(fields)}`);
  const log: CatalogLog = { info: note, warn: note };
  const open = async (replicaUrls: string[]) =>
    await openCatalog(
      parseConfig({
        DATABASE_URL: database.url,
        DATABASE_REPLICA_URLS: replicaUrls.join(","),
        REDIS_URL: "redis://127.0.0.1:1",
        DATABASE_TIMEOUT: "3s",
      }),
      { recency, log },
    );

  beforeAll(async () => {
    servers = await realServers("mysql");
    database = await testDatabase(servers.stack);
  });
  beforeEach(async () => {
    [said, wrote] = [[], new Map()];
    catalog = await open([database.replicaUrl]);
  });
  afterEach(async () => {
    for (const name of ["mysql", "replica"]) {
      if (!servers.stack.pids[name]) await servers.stack.start(name);
      process.kill(pidOf(name), "SIGCONT");
    }
    await delay(0);
    await database.root("DROP USER IF EXISTS stranger@'%'");
    await catalog.close();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await servers[Symbol.asyncDispose]();
  });

  const pidOf = (name: string) => servers.stack.pids[name] ?? 0;
  /** Which server answers a user's read, by the id that only it has. */
  const whoAnswers = async (userId = "reader") => {
    const ids = { 1: "primary", 2: "replica" } as Record<number, string>;
    return await catalog.read(userId, async (db) => {
      const [row] = await db.select({ id: sql<number>`@@server_id` }).from(sql`dual`);
      return ids[row?.id ?? 0];
    });
  };
  const until = async (wanted: string, userId?: string) => {
    for (const from = performance.now(); (await whoAnswers(userId)) !== wanted;) {
      if (performance.now() - from > 30_000) throw new Error(`30 s, and not ${wanted}; ${said.join("; ")}`);
      await Bun.sleep(50);
    }
  };
  const delay = async (seconds: number) => {
    for (const sql of ["STOP SLAVE", `CHANGE MASTER TO master_delay = ${seconds}`, "START SLAVE"])
      await database.root(sql, "replica");
  };
  const addUser = async () => {
    const id = newId();
    await insertUser(catalog.db, { id, username: id, passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 });
    wrote?.set(id, performance.now());
    return id;
  };

  test("a user who did not write of late reads from the replica, whoever did from the primary", async () => {
    await until("replica");
    const id = await addUser();
    expect(await whoAnswers(id)).toBe("primary");
    expect(await whoAnswers()).toBe("replica");
    wrote = undefined;
    expect(await whoAnswers()).toBe("primary");
    expect(await whoAnswers()).toBe("primary");
    expect(said.filter((line) => line.includes("cannot be told"))).toHaveLength(1);
  });

  test("nobody can write to a replica, even by mistake", async () => {
    await until("replica");
    const write = catalog.read("reader", (db) => db.delete(users).where(eq(users.id, "x")));
    expect(String(await write.catch((error: unknown) => (error as Error).cause))).toMatch(/READ ONLY|read-only/);
    expect(await whoAnswers()).toBe("replica");
  });

  test("each user sees what they wrote, at once and later, while the replica is 3 s behind", async () => {
    await until("replica");
    await delay(3);
    await until("primary");
    const id = await addUser();
    for (const from = performance.now(); performance.now() - from < 7000; await Bun.sleep(100)) {
      expect((await catalog.read(id, (db) => findUser(db, id)))?.id).toBe(id);
    }
    expect(await whoAnswers(id)).toBe("primary");
    await delay(0);
    await until("replica", id);
    expect((await catalog.read(id, (db) => findUser(db, id)))?.id).toBe(id);
    expect(said.filter((line) => line.includes("left out"))).toHaveLength(1);
    expect(said.filter((line) => line.includes("is read from"))).toHaveLength(2);
    expect(said.join()).toMatch(/"reason":"\d+ ms behind"/);
  });

  test("users who write and read all the time never miss anything of theirs, with the replica going to and fro", async () => {
    await until("replica");
    const stopping = new AbortController();
    const change = (async () => {
      for (const seconds of [1, 3, 0]) {
        await delay(seconds);
        await Bun.sleep(2000);
      }
      stopping.abort();
    })();
    const users = Array.from({ length: 10 }, async () => {
      while (!stopping.signal.aborted) {
        const id = await addUser();
        // Reads from here to after the five seconds in which they are known to have written.
        for (const from = performance.now(); performance.now() - from < 6000; await Bun.sleep(100)) {
          expect((await catalog.read(id, (db) => findUser(db, id)))?.id).toBe(id);
        }
      }
    });
    await Promise.all([change, ...users]);
  });

  test("a replica that dies under a read is not noticed by who reads; it is left out and taken back", async () => {
    await until("replica");
    const id = await addUser();
    wrote?.clear();
    const read = async () => (await catalog.read(id, (db) => findUser(db, id)))?.id;
    let reads = 0;
    const readers = Array.from({ length: 8 }, async () => {
      for (const from = performance.now(); performance.now() - from < 2500; reads++)
        expect([id, undefined]).toContain(await read());
    });
    await Bun.sleep(300);
    await servers.stack.kill("replica");
    await Promise.all(readers);
    expect(reads).toBeGreaterThan(8);
    expect(await whoAnswers()).toBe("primary");
    expect(said.at(-1)).toContain("left out");
    await servers.stack.start("replica");
    await until("replica");
    expect(said.at(-1)).toContain("is read from");
  });

  test("a frozen replica holds up a read for its time at most, and then nobody", async () => {
    await until("replica");
    await freeze(pidOf("replica"));
    expect(await Promise.all(Array.from({ length: 20 }, () => whoAnswers()))).toEqual(
      Array.from({ length: 20 }, () => "primary"),
    );
    await until("primary");
    process.kill(pidOf("replica"), "SIGCONT");
    await until("replica");
  });

  test("a replica whose replication stopped is left out", async () => {
    await until("replica");
    await database.root("STOP SLAVE", "replica");
    await until("primary");
    await database.root("START SLAVE", "replica");
    await until("replica");
  });

  test("while the primary is dead, a replica that had followed it goes on answering those who did not write of late", async () => {
    await until("replica");
    const id = await addUser();
    await Bun.sleep(1500);
    wrote?.clear();
    await servers.stack.kill("mysql");
    for (const from = performance.now(); performance.now() - from < 5000; await Bun.sleep(100)) {
      expect((await catalog.read(id, (db) => findUser(db, id)))?.id).toBe(id);
    }
    wrote?.set(id, performance.now() + 60_000);
    expect(await catalog.read(id, (db) => findUser(db, id)).catch((error: unknown) => error)).toBeInstanceOf(AppError);
    await servers.stack.start("mysql");
    expect((await catalog.read(id, (db) => findUser(db, id)))?.id).toBe(id);
    wrote?.clear();
    await until("replica");
  });

  test("starts without its replica, or with one that does not let it in, and says so once", async () => {
    await catalog.close();
    await servers.stack.kill("replica");
    said = [];
    catalog = await open([database.replicaUrl]);
    expect(await whoAnswers()).toBe("primary");
    await Bun.sleep(3500);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/left out.*ECONNREFUSED/);
    await servers.stack.start("replica");
    await until("replica");
    await catalog.close();
    const locked = new URL(database.replicaUrl);
    locked.password = "hunter2-not-it";
    said = [];
    catalog = await open([locked.href]);
    await Bun.sleep(3500);
    expect(await whoAnswers()).toBe("primary");
    expect(said.join()).toContain("Access denied");
    expect(said.join()).not.toContain("hunter2");
  });

  test("of several, the fresh ones take turns", async () => {
    await catalog.close();
    // The primary stands in for a second replica: it is as fresh as can be.
    catalog = await open([database.replicaUrl, database.url, "mysql://u:p@127.0.0.1:1/x"]);
    await until("replica");
    await until("primary");
    const answers = await Promise.all(Array.from({ length: 20 }, () => whoAnswers()));
    expect(answers.filter((name) => name === "replica")).toHaveLength(10);
  });

  test("a closed catalog leaves no row; that of a process that died is removed after a day", async () => {
    await catalog.close();
    await database.root("DELETE FROM heartbeats");
    await database.root("INSERT INTO heartbeats VALUES ('dead', 1)");
    catalog = await open([database.replicaUrl]);
    await until("replica");
    const rows = async () => (await catalog.db.select({ n: count() }).from(heartbeats))[0]?.n;
    expect(await rows()).toBe(1);
    await catalog.close();
    expect(await database.root("SELECT id FROM heartbeats")).toEqual([]);
    catalog = await open([database.replicaUrl]);
  });
});
