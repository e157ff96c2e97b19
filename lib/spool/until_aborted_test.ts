import { describe, expect, test } from "bun:test";

import { untilAborted } from "./until_aborted.ts";

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Yields 1, then waits for ever. */
function stalled() {
  const state = { returned: false };
  let asked = 0;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => (asked++ === 0 ? Promise.resolve({ value: 1 }) : new Promise(() => {})),
      return: () => {
        state.returned = true;
        return new Promise(() => {}); // as a stream's does, which waits for the item asked for
      },
    }),
  };
  return { source, state };
}

describe("until aborted", () => {
  const reason = new Error("pre-empted");

  test("gives every item of a source that ends", async () => {
    const source = (async function* () {
      yield* [1, 2, 3];
    })();
    expect(await collect(untilAborted(source, new AbortController().signal))).toEqual([1, 2, 3]);
  });

  test("throws the reason at once while an item is awaited, and lets the source go", async () => {
    const { source, state } = stalled();
    const controller = new AbortController();
    const collected = collect(untilAborted(source, controller.signal)).catch((error: unknown) => error);
    await Bun.sleep(5);
    controller.abort(reason);
    expect(await collected).toBe(reason);
    expect(state.returned).toBe(true);
  });

  test("asks for nothing when it is aborted before it begins", async () => {
    let asked = false;
    const source = (async function* () {
      asked = true;
      yield 1;
    })();
    const error = await collect(untilAborted(source, AbortSignal.abort(reason))).catch((e: unknown) => e);
    expect(error).toBe(reason);
    expect(asked).toBe(false);
  });

  test("throws what the source throws", async () => {
    const cut = new Error("connection cut");
    const source = (async function* () {
      yield 1;
      throw cut;
    })();
    expect(await collect(untilAborted(source, new AbortController().signal)).catch((e: unknown) => e)).toBe(cut);
  });

  test("lets the source go when the loop over it ends early", async () => {
    const { source, state } = stalled();
    for await (const item of untilAborted(source, new AbortController().signal)) {
      expect(item).toBe(1);
      break;
    }
    expect(state.returned).toBe(true);
  });
});
