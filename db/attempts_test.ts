import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Attempt, changeAttempts, clearAttempts, deleteExpiredAttempts, findAttempts, uncountAttempt } from "./attempts.ts";
import { type Catalog, openCatalog } from "./mod.ts";

let folder: string;
let catalog: Catalog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-attempts-"));
  catalog = await openCatalog({ DATABASE_URL: undefined, DATA_DIR: folder });
});

afterEach(async () => {
  await catalog.close();
  await rm(folder, { recursive: true });
});

const attempt = (key: string, failures: number, blockedUntil = 0): Attempt => ({ key, failures, blockedUntil, expiresAt: 1000 });
const plusOne = (keys: string[]) => (held: Attempt[]) =>
  keys.map((key) => attempt(key, (held.find((row) => row.key === key)?.failures ?? 0) + 1));

test("changes made at once are all counted", async () => {
  await Promise.all(Array.from({ length: 50 }, () => changeAttempts(catalog, ["a", "b"], plusOne(["a", "b"]))));
  expect(await findAttempts(catalog.db, ["a", "b", "c"])).toEqual([attempt("a", 50), attempt("b", 50)]);
});

test("nothing is kept when the change throws", async () => {
  await changeAttempts(catalog, ["a"], plusOne(["a"]));
  const refused = changeAttempts(catalog, ["a"], () => {
    throw new Error("no");
  });
  expect(await refused.catch(String)).toBe("Error: no");
  expect(await findAttempts(catalog.db, ["a"])).toEqual([attempt("a", 1)]);
});

test("taking a failure back takes its own block back and no other", async () => {
  await changeAttempts(catalog, ["a"], () => [attempt("a", 3, 500)]);
  await uncountAttempt(catalog.db, attempt("a", 2, 400));
  expect(await findAttempts(catalog.db, ["a"])).toEqual([attempt("a", 2, 500)]);
  await uncountAttempt(catalog.db, attempt("a", 3, 500));
  expect(await findAttempts(catalog.db, ["a"])).toEqual([attempt("a", 1, 0)]);
  for (let i = 0; i < 2; i++) await uncountAttempt(catalog.db, attempt("a", 1));
  expect(await findAttempts(catalog.db, ["a"])).toEqual([attempt("a", 0)]);
});

test("rows go when they are cleared or expired", async () => {
  await changeAttempts(catalog, ["a", "b"], plusOne(["a", "b"]));
  await clearAttempts(catalog.db, ["a"]);
  await deleteExpiredAttempts(catalog.db, 999);
  expect(await findAttempts(catalog.db, ["a", "b"])).toEqual([attempt("b", 1)]);
  await deleteExpiredAttempts(catalog.db, 1000);
  expect(await findAttempts(catalog.db, ["a", "b"])).toEqual([]);
});
