import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Catalog, Queries } from "../catalog.ts";
import { openCatalog } from "../mod.ts";
import { lateMemory } from "./late.ts";

let folder: string;
let sqlite: Catalog;
/** As one with replicas. */
let catalog: Catalog;
let recent: Set<string>;
let reads: string[];
let readMs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-late-"));
  sqlite = await openCatalog({ DATABASE_URL: undefined, DATA_DIR: folder });
  [recent, reads, readMs] = [new Set(), [], 0];
  const { engine, db, transaction, check, close } = sqlite;
  const mayLag = async (userId: string) => !recent.has(userId);
  catalog = { engine, db, transaction, check, close, mayLag, read: async (_userId, run) => await run(db) };
});

afterEach(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true });
});

let answer: string | null = "first";
const ask = lateMemory(async (_db: Queries, key): Promise<string | null> => {
  reads.push(key);
  const read = answer;
  await Bun.sleep(readMs);
  return read;
});

test("what was read is given to whoever may lag, key by key, nothing found included", async () => {
  answer = "first";
  expect(await ask(catalog, "a", "ann")).toBe("first");
  answer = null;
  expect(await ask(catalog, "a", "bob")).toBe("first");
  expect([await ask(catalog, "b", "ann"), await ask(catalog, "b", "ann")]).toEqual([null, null]);
  expect(reads).toEqual(["a", "b"]);
});

test("who has just changed something reads the rows, and their answer is nobody's memory", async () => {
  answer = "first";
  expect(await ask(catalog, "a", "ann")).toBe("first");
  answer = "second";
  recent.add("ann");
  expect([await ask(catalog, "a", "ann"), await ask(catalog, "a", "bob")]).toEqual(["second", "first"]);
  answer = "third";
  expect(await ask(catalog, "a", "ann")).toBe("third");
});

test("an answer grows old from the moment it was asked for", async () => {
  answer = "first";
  readMs = 600;
  expect(await ask(catalog, "a", "ann")).toBe("first");
  answer = "second";
  readMs = 0;
  expect(await ask(catalog, "a", "ann")).toBe("second");
  answer = "third";
  await Bun.sleep(600);
  expect(await ask(catalog, "a", "ann")).toBe("third");
});
