import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

import { eq } from "drizzle-orm";

import type { Queries } from "./catalog.ts";
import { type Catalog, openCatalog } from "./mod.ts";
import { remembered } from "./remembered.ts";
import { users } from "./schema.ts";
import { insertUser } from "./users.ts";

let folder: string;
let catalog: Catalog;
/** Another process, as far as SQLite is concerned. */
let other: Catalog;
let reads: string[];

const open = () => openCatalog({ DATABASE_URL: undefined, DATA_DIR: folder });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-remembered-"));
  [catalog, other] = [await open(), await open()];
  reads = [];
  for (const id of ["a", "b"]) {
    await insertUser(catalog.db, { id, username: id, passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 });
  }
});

afterEach(async () => {
  await Promise.all([catalog.close(), other.close()]);
  await rm(folder, { recursive: true });
});

/** When a user was active last, remembered, and each real read noted. */
const activeAt = remembered(async (db: Queries, id) => {
  reads.push(id);
  const [user] = await db.select().from(users).where(eq(users.id, id));
  return user?.lastActiveAt ?? null;
});
const setActive = ({ db }: Pick<Catalog, "db">, id: string, lastActiveAt: number) =>
  db.update(users).set({ lastActiveAt }).where(eq(users.id, id));

test("what was read is answered at once, key by key, in this turn and later ones", async () => {
  expect(await activeAt(catalog, "a")).toBe(0);
  expect(activeAt(catalog, "a")).toBe(0);
  expect(await activeAt(catalog, "nobody")).toBeNull();
  await nextTurn();
  expect([activeAt(catalog, "a"), activeAt(catalog, "nobody")]).toEqual([0, null]);
  expect(await activeAt(other, "a")).toBe(0);
  expect(reads).toEqual(["a", "nobody", "a"]);
});

test("what this process writes is seen as soon as it is written, inside a turn", async () => {
  for (let i = 1; i <= 3; i++) {
    await setActive(catalog, "a", i);
    expect(await activeAt(catalog, "a")).toBe(i);
    await catalog.transaction(async (tx) => {
      await setActive({ db: tx }, "a", -i);
      expect(await activeAt(catalog, "a")).toBe(i);
    });
    expect(await activeAt(catalog, "a")).toBe(-i);
  }
});

test("what another process commits is seen by whoever asks in a later turn", async () => {
  for (let i = 1; i <= 20; i++) {
    expect(await activeAt(catalog, "a")).toBe(i - 1);
    await setActive(other, "a", i);
    await nextTurn();
  }
});

test("a transaction that fails takes no answer with it", async () => {
  expect(await activeAt(catalog, "a")).toBe(0);
  const failing = catalog.transaction(async (tx) => {
    await setActive({ db: tx }, "a", 9);
    throw new Error("of the test");
  });
  await expect(failing).rejects.toThrow("of the test");
  expect(await activeAt(catalog, "a")).toBe(0);
  await nextTurn();
  expect(await activeAt(catalog, "a")).toBe(0);
});

test("an answer that was on its way when something was committed is not remembered", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let answers = 0;
  const slow = remembered(async (db: Queries, id) => {
    const [user] = await db.select().from(users).where(eq(users.id, id));
    if (answers++ === 0) await held;
    return user?.lastActiveAt ?? null;
  });
  const old = slow(catalog, "a");
  await setActive(catalog, "a", 7);
  expect(await slow(catalog, "b")).toBe(0);
  release();
  expect(await old).toBe(0);
  expect(await slow(catalog, "a")).toBe(7);
});

test("a read that fails is tried again", async () => {
  let tries = 0;
  const failing = remembered(async () => {
    if (tries++ === 0) throw new Error("of the test");
    return tries;
  });
  await expect(Promise.resolve(failing(catalog, "a"))).rejects.toThrow("of the test");
  expect(await failing(catalog, "a")).toBe(2);
});

test("no more than so many answers are kept", async () => {
  let calls = 0;
  const counted = remembered(async (_: Queries, key) => {
    calls++;
    return key;
  });
  for (let i = 0; i < 4096; i++) await counted(catalog, `${i}`);
  expect(counted(catalog, "5")).toBeInstanceOf(Promise);
  for (let i = 4096; i < 20_000; i++) await counted(catalog, `${i}`);
  expect(calls).toBe(20_001);
});

test("an engine that tells no version is asked each time", async () => {
  const { version: _, ...timeless } = catalog;
  for (let i = 0; i < 3; i++) expect(await activeAt(timeless, "a")).toBe(0);
  expect(reads).toHaveLength(3);
});
