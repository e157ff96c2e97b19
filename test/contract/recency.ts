import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { newId } from "#lib/id/mod.ts";
import type { Recency } from "#lib/recency/mod.ts";

import { eventually } from "./eventually.ts";

/** Long enough for what the suite does within one. */
export const windowMs = 2000;

/** What every engine of recency must do. `open` opens the one of a process, with {@link windowMs}; where there is only one, the same is given. */
export function recencyContract(name: string, open: () => Promise<Recency>): void {
  describe(`recency: ${name}`, () => {
    let recency: Recency;
    let other: Recency;
    /** Resolves once an engine that has just begun believes that a user without a mark is not recent. */
    const settled = async () =>
      await eventually("both believe", async () => {
        const recents = await Promise.all([recency, other].map(async (engine) => await engine.isRecent(newId())));
        return !recents.includes(true);
      });
    beforeAll(async () => {
      recency = await open();
      other = await open();
      await settled();
    });
    afterAll(async () => {
      await recency.close();
      await other.close();
    });

    test("says its engine and that it can be reached", async () => {
      expect(recency.engine).toMatch(/^[a-z]+$/);
      await recency.check(new AbortController().signal);
    });

    test("a check gives up with its signal", async () => {
      const reason = new Error("given up by the test");
      expect(await recency.check(AbortSignal.abort(reason)).catch((error: unknown) => error)).toBe(reason);
    });

    test("knows in every process of a change in one, and of no other user", async () => {
      const [a, b, c] = [newId(), newId(), newId()];
      expect([await recency.isRecent(a), await other.isRecent(a)]).toEqual([false, false]);
      await recency.mark([a, b]);
      const all = [a, b, c].map(async (user) => [await recency.isRecent(user), await other.isRecent(user)]);
      expect(await Promise.all(all)).toEqual([
        [true, true],
        [true, true],
        [false, false],
      ]);
    });

    test("a mark is over after its window, not before, and lives on when it is made again", async () => {
      const [once, twice] = [newId(), newId()];
      const first = performance.now();
      await recency.mark([once, twice]);
      await Bun.sleep(windowMs / 2);
      const second = performance.now();
      await other.mark([twice]);
      await eventually("the first is over", async () => !(await other.isRecent(once)) && !(await recency.isRecent(once)));
      // Redis and this process each round to a millisecond.
      expect(performance.now() - first).toBeGreaterThanOrEqual(windowMs - 2);
      await eventually("the second is over", async () => !(await other.isRecent(twice)) && !(await recency.isRecent(twice)));
      expect(performance.now() - second).toBeGreaterThanOrEqual(windowMs - 2);
    });

    test("is known to those who have asked just before, in whichever process, once it may be answered", async () => {
      for (let round = 0; round < 50; round++) {
        const users = [newId(), newId()];
        const engines = [recency, other];
        const ask = async () => await Promise.all(users.flatMap((user) => engines.map(async (engine) => engine.isRecent(user))));
        expect(await ask()).toEqual([false, false, false, false]);
        // Some are asked once more while the change is made.
        const meanwhile = round % 2 === 0 ? ask() : undefined;
        await Promise.all([recency.mark(users), other.mark(users.slice(round % 3))]);
        expect(await Promise.all(users.flatMap((user) => engines.map((engine) => engine.isRecent(user))))).not.toContain(false);
        await meanwhile;
      }
    });

    test("marks nobody when there is nobody to mark", async () => await recency.mark([]));

    test("marks hundreds at once", async () => {
      const users = Array.from({ length: 500 }, () => newId());
      await recency.mark(users);
      expect(await Promise.all(users.map(async (user) => await other.isRecent(user)))).toEqual(users.map(() => true));
    });
  });
}
