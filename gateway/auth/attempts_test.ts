import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Catalog, openCatalog } from "#db/mod.ts";
import { isAppError } from "#lib/errors/mod.ts";

import { type Attempts, createAttempts } from "./attempts.ts";

let folder: string;
let catalog: Catalog;
let attempts: Attempts;
let at: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-attempts-"));
  catalog = await openCatalog({ DATABASE_URL: undefined, DATA_DIR: folder });
  at = 1_700_000_000_000;
  attempts = createAttempts({ catalog, now: () => at });
});

afterEach(async () => {
  await catalog.close();
  await rm(folder, { recursive: true });
});

/** Seconds for which a try is refused; 0 when it was taken (and counted as a failure). */
async function fail(subject: string, address: string): Promise<number> {
  try {
    await attempts.count({ subject, address });
    return 0;
  } catch (error) {
    if (isAppError(error, "too-many-attempts")) return error.retryAfterSeconds ?? Number.NaN;
    throw error;
  }
}

/** Fails as soon as it may, `times` times; gives the waits before each. */
async function failAgain(times: number, who: (i: number) => [string, string]): Promise<number[]> {
  const waits: number[] = [];
  for (let i = 0; i < times; i++) {
    const wait = await fail(...who(i));
    waits.push(wait);
    at += wait * 1000;
    if (wait > 0) expect(await fail(...who(i))).toBe(0);
  }
  return waits;
}

test("a user and an address together fail 5 times freely, then wait twice as long each time, up to 5 minutes", async () => {
  expect(await failAgain(15, () => ["eve", "::1"])).toEqual([0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
});

test("a user fails 50 times freely from many addresses, then waits for 30 seconds at most", async () => {
  const waits = await failAgain(57, (i) => ["alice", `10.0.0.${i}`]);
  expect(waits.slice(0, 51).every((wait) => wait === 0)).toBe(true);
  expect(waits.slice(51)).toEqual([2, 4, 8, 16, 30, 30]);
});

test("an address fails 100 times freely with many users, then waits for 5 minutes at most", async () => {
  const waits = await failAgain(111, (i) => [`user${i}`, "10.0.0.1"]);
  expect(waits.slice(0, 101).every((wait) => wait === 0)).toBe(true);
  expect(waits.slice(101)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test("while a pair is blocked, the user may come from elsewhere and others from there", async () => {
  for (let i = 0; i < 6; i++) await fail("alice", "10.0.0.1");
  expect(await fail("alice", "10.0.0.1")).toBe(2);
  const refused = attempts.refuseBlocked({ subject: "alice", address: "10.0.0.1" });
  expect(await refused.catch(String)).toContain("in 2 s");
  await attempts.refuseBlocked({ subject: "alice", address: "10.0.0.2" });
  expect(await fail("alice", "10.0.0.2")).toBe(0);
  expect(await fail("bob", "10.0.0.1")).toBe(0);
});

test("refused tries do not make the wait longer", async () => {
  for (let i = 0; i < 20; i++) await fail("alice", "::1");
  at += 2000;
  expect(await fail("alice", "::1")).toBe(0);
  expect(await fail("alice", "::1")).toBe(4);
});

test("a success forgets the failures of the user, and of the address only itself", async () => {
  for (let i = 0; i < 99; i++) await fail(i % 2 === 0 ? "alice" : `user${i}`, `10.0.0.${i % 2 === 0 ? i : 1}`);
  const alice = { subject: "alice", address: "10.0.0.1" };
  await attempts.forgive(await attempts.count(alice));
  for (let i = 0; i < 5; i++) expect(await fail("alice", "10.0.0.1")).toBe(0);
  const rows = await catalog.db.query.attempts.findMany();
  const failures = new Map(rows.map((row) => [row.key, row.failures]));
  expect(failures.get("user:alice")).toBe(5);
  expect(failures.get("pair:alice@10.0.0.1")).toBe(5);
  expect(failures.get("address:10.0.0.1")).toBe(49 + 5);
});

test("a right password at an address past its free failures blocks nobody", async () => {
  for (let i = 0; i < 100; i++) await fail(`user${i}`, "10.0.0.1");
  for (let i = 0; i < 3; i++) await attempts.forgive(await attempts.count({ subject: "alice", address: "10.0.0.1" }));
});

test("failures are forgotten after 15 minutes", async () => {
  for (let i = 0; i < 5; i++) await fail("alice", "::1");
  at += 15 * 60_000;
  for (let i = 0; i < 6; i++) expect(await fail("alice", "::1")).toBe(0);
  expect(await fail("alice", "::1")).toBe(2);
});

test("of a thousand guesses at once, the free ones and one more are taken", async () => {
  const other = createAttempts({ catalog, now: () => at });
  const guesses = Array.from({ length: 1000 }, (_, i) =>
    (i % 2 === 0 ? attempts : other).count({ subject: "alice", address: "::1" }),
  );
  const taken = (await Promise.allSettled(guesses)).filter(({ status }) => status === "fulfilled");
  expect(taken).toHaveLength(6);
});
