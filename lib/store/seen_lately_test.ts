import { expect, test } from "bun:test";

import type { Store } from "./port.ts";
import { seenLately } from "./seen_lately.ts";
import { createStores } from "./stores.ts";

const { signal } = new AbortController();

/** A store that holds what `held` says, and counts how often it is asked. */
function countingStores(held: Map<string, number>) {
  let looks = 0;
  const head = async (key: string, asking: AbortSignal) => {
    looks++;
    await Bun.sleep(1);
    asking.throwIfAborted();
    const size = held.get(key);
    return size === undefined ? null : { size };
  };
  // Nothing else of it is asked for.
  const stores = createStores([{ name: "a", store: { head } as unknown as Store }], []);
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
