import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parsePolicy } from "../placement/mod.ts";
import { diskStore } from "./disk.ts";
import type { NamedStore } from "./stores.ts";
import { createStores } from "./stores.ts";

let folder: string;
let all: NamedStore[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-stores-"));
  const named = async (name: string) => ({ name, store: await diskStore(join(folder, name)) });
  all = [await named("hot"), await named("cold")];
});
afterAll(async () => rm(folder, { recursive: true }));

test("gives the store that a row names, and says what is wrong with a name that it does not know", () => {
  const stores = createStores(all, []);
  expect(stores.named("cold")).toBe(all[1]!.store);
  expect(() => stores.named("disk")).toThrow('the bytes lie in the store "disk", and STORES names only hot, cold');
});

test("takes what rows called the one store before it had a name for that store", () => {
  const stores = createStores([{ name: "s3", store: all[0]!.store }], [], true);
  for (const name of ["disk", "s3", "oss", null]) {
    expect(stores.named(name)).toBe(all[0]!.store);
    expect(stores.nameOf(name)).toBe("s3");
  }
  expect(() => stores.named("hot")).toThrow();
});

test("places by the policy, and in the first store what no rule is for", () => {
  const stores = createStores(all, parsePolicy("*.iso -> cold+hot"));
  expect(stores.place({ name: "a.iso", type: "", size: 1 })).toEqual(["cold", "hot"]);
  expect(stores.place({ name: "a", type: "", size: 1 })).toEqual(["hot"]);
});
