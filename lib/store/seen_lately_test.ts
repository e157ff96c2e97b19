import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { diskStore } from "./disk.ts";
import type { Store } from "./port.ts";
import { seenLately } from "./seen_lately.ts";
import { createStores } from "./stores.ts";

const { signal } = new AbortController();
let folder: string;
let disk: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-seen-"));
  disk = await diskStore(folder);
});
afterAll(async () => rm(folder, { recursive: true }));

/** A store that holds what `held` says, and counts how often it is asked. */
function countingStores(held: Map<string, number>) {
  let looks = 0;
  const head = async (key: string, asking: AbortSignal) => {
    looks++;
    await Bun.sleep(1);
    asking.throwIfAborted();
    const size = held.get(key);
    return size === undefined ? null : { size, modifiedAt: 0 };
  };
  const stores = createStores([{ name: "a", store: { ...disk, head } }], []);
  const see = (key: string, size = 7, asking = signal) => seenLately(stores, { store: "a", key }, size, asking);
  return { see, looks: () => looks };
}

test("many who ask at once, and soon after, share a look", async () => {
  const { see, looks } = countingStores(new Map([["x", 7]]));
  expect(await Promise.all([see("x"), see("x"), see("x")])).toEqual([true, true, true]);
  expect(await see("x")).toBe(true);
  expect(looks()).toBe(1);
});

test("what is missing, or of another size, is looked for by each", async () => {
  const held = new Map([["x", 8]]);
  const { see, looks } = countingStores(held);
  expect(await see("x")).toBe(false);
  expect(await see("y")).toBe(false);
  held.set("x", 7);
  expect(await see("x")).toBe(true);
  expect(looks()).toBe(3);
});

test("a look is believed for two seconds", async () => {
  const held = new Map([["x", 7]]);
  const { see } = countingStores(held);
  expect(await see("x")).toBe(true);
  held.delete("x");
  expect(await see("x")).toBe(true);
  await Bun.sleep(2050);
  expect(await see("x")).toBe(false);
});

test("who began a look and goes takes it from nobody else", async () => {
  const { see, looks } = countingStores(new Map([["x", 7]]));
  const going = new AbortController();
  const first = see("x", 7, going.signal).catch((error: unknown) => error);
  const others = [see("x"), see("x")];
  const reason = new Error("gone");
  going.abort(reason);
  expect(await first).toBe(reason);
  expect(await Promise.all(others)).toEqual([true, true]);
  expect(await see("x")).toBe(true);
  expect(looks()).toBeLessThanOrEqual(3);
});
