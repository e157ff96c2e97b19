import { expect, test } from "bun:test";

import { AppError } from "#lib/errors/mod.ts";

import type { Catalog } from "./catalog.ts";
import { together } from "./together.ts";

/** What was done one by one, and what together, in an engine whose transactions take a moment. */
function watched(failing: (items: number[]) => Error | undefined = () => undefined, sharesCommits?: true) {
  const [alone, lots]: [number[], number[][]] = [[], []];
  const catalog = {
    ...(sharesCommits && { sharesCommits }),
    transaction: async (run: (tx: unknown) => Promise<unknown>) => {
      await Bun.sleep(1);
      return await run({});
    },
  };
  const ask = together<number, string>({
    one: async (_catalog, item) => {
      alone.push(item);
      await Bun.sleep(1);
      if (item < 0) throw new Error(`${item}`);
      return `${item}`;
    },
    many: async (_tx, items) => {
      const failed = failing(items);
      if (failed) throw failed;
      lots.push(items);
      return items.map(String);
    },
  });
  // Nothing else of it is asked for.
  return { alone, lots, ask: (item: number) => ask(catalog as unknown as Catalog, item) };
}

const first = (count: number) => Array.from({ length: count }, (_, i) => i);

test("who finds nobody before them goes alone, and those who come meanwhile together", async () => {
  const { alone, lots, ask } = watched();
  expect(await ask(7)).toBe("7");
  expect([alone, lots]).toEqual([[7], []]);
  await Bun.sleep(1);
  expect(await Promise.all(first(60).map(ask))).toEqual(first(60).map(String));
  expect(alone).toEqual([7, 0, 1]);
  expect(lots.map((items) => items.length)).toEqual([32, 24, 2]);
});

test("where one of them stands in the way, each goes by itself and is told its own", async () => {
  const { alone, lots, ask } = watched((items) => (items.some((item) => item < 0) ? new Error("one of them") : undefined));
  const told = await Promise.allSettled([0, 1, 2, -3, 4, 5].map(ask));
  expect(told.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect([alone, lots]).toEqual([[0, 1, 2, -3, 4, 5], []]);
});

test("what may have been done is not done again, and nobody waits behind it", async () => {
  const { alone, ask } = watched(() => new AppError("unavailable", "whether it did is not known"));
  const told = await Promise.allSettled(first(40).map(ask));
  expect(told.map(({ status }) => status)).toEqual(first(40).map((i) => (i < 2 ? "fulfilled" : "rejected")));
  expect(alone).toEqual([0, 1]);
  expect(await ask(9)).toBe("9");
});

test("an engine whose writes share commits is given each by itself", async () => {
  const { alone, lots, ask } = watched(undefined, true);
  await Promise.all(first(9).map(ask));
  expect([alone, lots]).toEqual([first(9), []]);
});
