import { describe, expect, test } from "bun:test";

import { coalesce } from "./coalesce.ts";

/** Work that ends when it is told to; its result is which run it was. */
function steppedWork() {
  const runs: PromiseWithResolvers<number>[] = [];
  const work = () => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  };
  return { work, runs };
}

describe("coalescing", () => {
  test("shares the run after this one among all that ask while this one runs", async () => {
    const { work, runs } = steppedWork();
    const ask = coalesce(work);
    const first = ask();
    const later = [ask(), ask(), ask()];
    expect(runs.length).toBe(1);
    runs[0]!.resolve(1);
    expect(await first).toBe(1);
    await Bun.sleep(0);
    expect(runs.length).toBe(2);
    const latest = ask();
    runs[1]!.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
    await Bun.sleep(0);
    runs[2]!.resolve(3);
    expect(await latest).toBe(3);
    expect(runs.length).toBe(3);
  });

  test("a run that fails fails for those who asked for it, and for nobody else", async () => {
    const { work, runs } = steppedWork();
    const ask = coalesce(work);
    const [first, second] = [ask().catch((e: unknown) => e), ask()];
    const down = new Error("down");
    runs[0]!.reject(down);
    expect(await first).toBe(down);
    await Bun.sleep(0);
    runs[1]!.resolve(2);
    expect(await second).toBe(2);
  });
});
