import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq, sql } from "drizzle-orm";

import { type Catalog, openCatalog } from "#db/mod.ts";
import { users } from "#db/schema.ts";
import { findUser, insertUser, type User } from "#db/users.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import { freeze } from "../support/freeze.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { type TestDatabase, testDatabase } from "../support/test_database.ts";

setDefaultTimeout(300_000);

const open = (url: string, more: Record<string, string> = {}) => openCatalog(parseConfig({ DATABASE_URL: url, ...more }));
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

function expectUnavailable(error: unknown): void {
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe("unavailable");
  expect((error as AppError).retryAfterSeconds).toBeGreaterThan(0);
}

describe.skipIf(lacksServers("mysql"))("MySQL", () => {
  let servers: RealServers;
  let database: TestDatabase;
  let catalog: Catalog;
  /** One that does not wait for long, where waiting is in vain. */
  let hasty: Catalog;
  let pid: number;

  beforeAll(async () => {
    servers = await realServers("mysql");
    database = await testDatabase(servers.stack);
    catalog = await open(database.url);
    hasty = await open(database.url, { DATABASE_TIMEOUT: "2s", DATABASE_POOL: "4" });
    pid = servers.stack.pids["mysql"] ?? 0;
  });
  afterEach(async () => {
    // Whatever a test did, the next one finds the server at work.
    if (!servers.stack.pids["mysql"]) await servers.stack.start("mysql");
    pid = servers.stack.pids["mysql"] ?? 0;
    process.kill(pid, "SIGCONT");
    await database.root("SET GLOBAL read_only = OFF");
  });
  afterAll(async () => {
    await catalog.close();
    await hasty.close();
    await database[Symbol.asyncDispose]();
    await servers[Symbol.asyncDispose]();
  });

  const addUser = async (in_: Catalog = catalog): Promise<User> => {
    const id = newId();
    const user = { id, username: id.toLowerCase(), passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 };
    await insertUser(in_.db, user);
    return user;
  };
  const set = (db: Catalog["db"], id: string, lastActiveAt: number) =>
    db.update(users).set({ lastActiveAt }).where(eq(users.id, id));
  const count = async () => Number((await database.root("SELECT COUNT(*) AS n FROM users"))[0]?.["n"]);
  /** The connections of the catalog's pool, as the server sees them. */
  const connections = async () =>
    (await database.root(`SELECT id FROM information_schema.processlist WHERE db = '${database.name}' AND user = 'sluice'`)).map(
      ({ id }) => Number(id),
    );
  const noneLeft = async () => {
    for (let tries = 0; (await connections()).length > 0 && tries < 100; tries++) await Bun.sleep(50);
    expect(await connections()).toEqual([]);
  };

  test("a restart of the primary is ridden out by reads, writes and transactions", async () => {
    const user = await addUser();
    await servers.stack.kill("mysql");
    const work = [
      findUser(catalog.db, user.id),
      set(catalog.db, user.id, 5),
      catalog.transaction(async (tx) => {
        await set(tx, user.id, 6);
        return (await findUser(tx, user.id))?.lastActiveAt;
      }),
    ] as const;
    await servers.stack.start("mysql");
    const [read, , inside] = await Promise.all(work);
    expect(read?.id).toBe(user.id);
    expect(inside).toBe(6);
  });

  test("work that goes on while the primary is killed and started is done once each, or said not to be known", async () => {
    const { id } = await addUser();
    const told = { done: 0, unknown: 0 };
    const stopping = new AbortController();
    const workers = Array.from({ length: 12 }, async () => {
      while (!stopping.signal.aborted) {
        const add = catalog.transaction((tx) =>
          tx
            .update(users)
            .set({ lastActiveAt: sql`${users.lastActiveAt} + 1` })
            .where(eq(users.id, id)),
        );
        const error = await failure(add);
        if (error !== undefined) expectUnavailable(error);
        told[error === undefined ? "done" : "unknown"]++;
      }
    });
    for (let kills = 0; kills < 3; kills++) {
      await Bun.sleep(700);
      await servers.stack.kill("mysql");
      await servers.stack.start("mysql");
    }
    stopping.abort();
    await Promise.all(workers);
    const counted = (await findUser(catalog.db, id))?.lastActiveAt ?? 0;
    expect(told.done).toBeGreaterThan(0);
    // Only a commit under way when the server died is not known: one of each worker at each kill, at most.
    expect(told.unknown).toBeLessThanOrEqual(36);
    expect(counted).toBeGreaterThanOrEqual(told.done);
    expect(counted).toBeLessThanOrEqual(told.done + told.unknown);
  });

  test("a transaction whose connection is killed before its commit is run anew, and done once", async () => {
    const { id } = await addUser();
    let runs = 0;
    await catalog.transaction(async (tx) => {
      runs++;
      await tx
        .update(users)
        .set({ lastActiveAt: sql`${users.lastActiveAt} + 1` })
        .where(eq(users.id, id));
      if (runs === 1) for (const connection of await connections()) await database.root(`KILL CONNECTION ${connection}`);
      await findUser(tx, id);
    });
    expect(runs).toBe(2);
    expect((await findUser(catalog.db, id))?.lastActiveAt).toBe(1);
  });

  test("idle connections that were killed are not used again", async () => {
    const user = await addUser();
    await Promise.all(Array.from({ length: 8 }, () => findUser(catalog.db, user.id)));
    for (const connection of await connections()) await database.root(`KILL CONNECTION ${connection}`);
    await Bun.sleep(50);
    await set(catalog.db, user.id, 7);
    expect((await findUser(catalog.db, user.id))?.lastActiveAt).toBe(7);
  });

  test("a primary that stays away is 'unavailable', after ten seconds for the first and at once for those who come later", async () => {
    await servers.stack.kill("mysql");
    const from = performance.now();
    expectUnavailable(await failure(findUser(catalog.db, "x")));
    expect(performance.now() - from).toBeGreaterThan(5000);
    expectUnavailable(await failure(catalog.transaction((tx) => findUser(tx, "x"))));
    expectUnavailable(await failure(set(catalog.db, "x", 1)));
    expect(await failure(catalog.check(AbortSignal.timeout(5000)))).toBeInstanceOf(Error);
    await servers.stack.start("mysql");
    expect(await findUser(catalog.db, "x")).toBeUndefined();
    await catalog.check(AbortSignal.timeout(5000));
  });

  test("a frozen primary hangs nobody, and is used again once it goes on", async () => {
    const user = await addUser();
    await freeze(pid);
    const errors = await Promise.all([
      ...Array.from({ length: 20 }, () => failure(findUser(hasty.db, user.id))),
      failure(set(hasty.db, user.id, 1)),
      failure(hasty.transaction((tx) => set(tx, user.id, 1))),
    ]);
    for (const error of errors) expectUnavailable(error);
    expect(await failure(hasty.check(AbortSignal.timeout(500)))).toBeInstanceOf(Error);
    process.kill(pid, "SIGCONT");
    expect((await findUser(hasty.db, user.id))?.id).toBe(user.id);
    await set(hasty.db, user.id, 9);
    expect((await findUser(hasty.db, user.id))?.lastActiveAt).toBe(9);
  });

  test("a primary frozen at a commit is not asked twice, and says that it is not known", async () => {
    const before = await count();
    let runs = 0;
    const error = await failure(
      hasty.transaction(async (tx) => {
        runs++;
        await insertUser(tx, { id: newId(), username: newId(), passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 });
        await freeze(pid);
      }),
    );
    process.kill(pid, "SIGCONT");
    expectUnavailable(error);
    expect(String(error)).toContain("not known");
    expect(runs).toBe(1);
    expect(await count()).toBeLessThanOrEqual(before + 1);
  });

  test("a statement that takes too long is ended, here and on the server, and holds up nobody else", async () => {
    const slow = failure(hasty.db.select({ slept: sql`sleep(60)` }).from(sql`dual`));
    const user = await addUser();
    expect((await findUser(hasty.db, user.id))?.id).toBe(user.id);
    expectUnavailable(await slow);
    const sleeping = "SELECT id FROM information_schema.processlist WHERE info LIKE '%sleep(60)%' AND user = 'sluice'";
    for (let tries = 0; (await database.root(sleeping)).length > 0 && tries < 100; tries++) await Bun.sleep(50);
    expect(await database.root(sleeping)).toEqual([]);
  });

  test("when every connection hangs, those who wait for one are told so", async () => {
    const slow = Array.from({ length: 4 }, () => failure(hasty.db.select({ slept: sql`sleep(60)` }).from(sql`dual`)));
    const waiting = Array.from({ length: 5 }, () => failure(findUser(hasty.db, "x")));
    for (const error of await Promise.all(slow)) expectUnavailable(error);
    // They were in line for as long as the others hung: some get the connections that follow, none waits for ever.
    for (const error of await Promise.all(waiting)) if (error !== undefined) expectUnavailable(error);
    expect(await findUser(hasty.db, "x")).toBeUndefined();
  });

  test("two transactions that wait for each other are both done, one after the other", async () => {
    const [a, b] = [await addUser(), await addUser()];
    const both = Promise.withResolvers<void>();
    let [holding, runs] = [0, 0];
    const cross = (first: string, second: string) =>
      catalog.transaction(async (tx) => {
        runs++;
        await tx
          .update(users)
          .set({ lastActiveAt: sql`${users.lastActiveAt} + 1` })
          .where(eq(users.id, first));
        if (++holding === 2) both.resolve();
        await both.promise;
        await tx
          .update(users)
          .set({ lastActiveAt: sql`${users.lastActiveAt} + 1` })
          .where(eq(users.id, second));
      });
    await Promise.all([cross(a.id, b.id), cross(b.id, a.id)]);
    expect(runs).toBeGreaterThan(2);
    for (const { id } of [a, b]) expect((await findUser(catalog.db, id))?.lastActiveAt).toBe(2);
  });

  test("nothing of a transaction is kept that went on after a deadlock had undone it", async () => {
    const [a, b] = [await addUser(), await addUser()];
    const both = Promise.withResolvers<void>();
    let holding = 0;
    const careless = (first: string, second: string) =>
      catalog.transaction(async (tx) => {
        const other = newId();
        await set(tx, first, 1);
        if (++holding === 2) both.resolve();
        await both.promise;
        await failure(set(tx, second, 1));
        await failure(
          insertUser(tx, { id: other, username: other, passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 }),
        );
      });
    const before = await count();
    await Promise.all([careless(a.id, b.id), careless(b.id, a.id)]);
    expect(await count()).toBe(before + 2);
    for (const { id } of [a, b]) expect((await findUser(catalog.db, id))?.lastActiveAt).toBe(1);
  });

  test("a row that somebody holds is waited for", async () => {
    const user = await addUser();
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holder = catalog.transaction(async (tx) => {
      await set(tx, user.id, 1);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const waiter = set(catalog.db, user.id, 2);
    await Bun.sleep(1500);
    release.resolve();
    await Promise.all([holder, waiter]);
    expect((await findUser(catalog.db, user.id))?.lastActiveAt).toBe(2);
  });

  test("locked tables are 'unavailable' until they are free", async () => {
    const user = await addUser();
    const hold = await database.hold("LOCK TABLES users WRITE");
    expectUnavailable(await failure(set(hasty.db, user.id, 3)));
    await hold[Symbol.asyncDispose]();
    await set(hasty.db, user.id, 4);
    expect((await findUser(hasty.db, user.id))?.lastActiveAt).toBe(4);
  });

  test("too many connections are waited for", async () => {
    const [{ n } = {}] = await database.root("SELECT @@max_connections AS n");
    const other = await open(database.url, { DATABASE_POOL: "4" });
    try {
      await database.root("SET GLOBAL max_connections = 10");
      const held = await Promise.all(Array.from({ length: 9 }, () => database.hold("DO 0").catch(() => undefined)));
      const work = Array.from({ length: 8 }, () => findUser(other.db, "x"));
      await Bun.sleep(500);
      await Promise.all(held.map((hold) => hold?.[Symbol.asyncDispose]()));
      expect(await Promise.all(work)).toEqual(Array.from({ length: 8 }, () => undefined));
    } finally {
      await database.root(`SET GLOBAL max_connections = ${Number(n)}`);
      await other.close();
    }
  });

  test("a primary that was made read-only for a moment is waited for", async () => {
    const user = await addUser();
    await database.root("SET GLOBAL read_only = ON");
    const work = [set(catalog.db, user.id, 8), catalog.transaction((tx) => set(tx, user.id, 8))];
    expect((await findUser(catalog.db, user.id))?.id).toBe(user.id);
    await Bun.sleep(500);
    await database.root("SET GLOBAL read_only = OFF");
    await Promise.all(work);
    expect((await findUser(catalog.db, user.id))?.lastActiveAt).toBe(8);
  });

  test("closing ends every connection, also those to a server that is frozen", async () => {
    await catalog.close();
    await hasty.close();
    await noneLeft();
    const other = await open(database.url);
    await addUser(other);
    await freeze(pid);
    await other.close();
    process.kill(pid, "SIGCONT");
    await noneLeft();
    catalog = await open(database.url);
    hasty = await open(database.url);
  });
});
