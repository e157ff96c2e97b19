import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { newId } from "#lib/id/mod.ts";
import type { ViewBatch, Views } from "#lib/views/mod.ts";

import { eventually } from "./eventually.ts";

/** What every engine of views must do. `open` opens the one of a process; where there is only one, the same is given. */
export function viewsContract(name: string, open: () => Promise<Views>): void {
  describe(`views: ${name}`, () => {
    let views: Views;
    let other: Views;
    beforeAll(async () => {
      views = await open();
      other = await open();
    });
    afterEach(async () => {
      await views.unrank([...ranked]);
      await drain();
    });
    afterAll(async () => {
      await views.close();
      await other.close();
    });

    const ranked = new Set<string>();
    const rank = async (shares: { id: string; views: number }[]) => {
      for (const { id } of shares) ranked.add(id);
      await views.rank(shares);
    };
    const takeOne = async (): Promise<ViewBatch> => await eventually("a batch", async () => await other.take());
    /** Takes all there is, and gives what it was by share. */
    const drain = async () => {
      const all = new Map<string, number>();
      for (const engine of [views, other]) {
        for (let batch = await engine.take(); batch !== null; batch = await engine.take()) {
          for (const [id, count] of batch.counts) all.set(id, (all.get(id) ?? 0) + count);
          await engine.written(batch.id);
        }
      }
      return all;
    };
    const pendingOf = async (engine: Views, id: string) => (await engine.pending([id])).get(id);

    test("says its engine and that it can be reached", async () => {
      expect(views.engine).toMatch(/^[a-z]+$/);
      await views.check(new AbortController().signal);
    });

    test("a check gives up with its signal", async () => {
      const reason = new Error("given up by the test");
      expect(await views.check(AbortSignal.abort(reason)).catch((error: unknown) => error)).toBe(reason);
    });

    test("who is told of a view finds it wherever they look next", async () => {
      const id = newId();
      for (let seen = 1; seen <= 6; seen++) {
        const engine = seen % 2 === 0 ? views : other;
        engine.add(id);
        expect(await pendingOf(engine, id)).toBe(seen);
      }
    });

    test("has nothing to write where nothing was viewed", async () => {
      expect(await views.take()).toBeNull();
      const id = newId();
      expect(await views.pending([id])).toEqual(new Map([[id, 0]]));
      expect(await views.pending([])).toEqual(new Map());
    });

    test("counts what every process has seen, and gives it out once it is written once", async () => {
      const [a, b] = [newId(), newId()];
      for (let i = 0; i < 500; i++) {
        views.add(a);
        other.add(i % 5 === 0 ? b : a);
      }
      // At once in the process that saw it, soon in the others.
      expect(await pendingOf(views, a)).toBeGreaterThanOrEqual(500);
      for (const engine of [views, other]) await eventually("all are known", async () => (await pendingOf(engine, a)) === 900);
      expect(await drain()).toEqual(
        new Map([
          [a, 900],
          [b, 100],
        ]),
      );
      expect([await pendingOf(views, a), await pendingOf(other, b)]).toEqual([0, 0]);
      expect(await views.take()).toBeNull();
    });

    test("gives a batch out again until it is written, to whoever asks, and no other meanwhile", async () => {
      const id = newId();
      views.add(id);
      const first = await takeOne();
      views.add(id);
      other.add(id);
      expect([await views.take(), await other.take()]).toEqual([first, first]);
      await eventually("all are known", async () => (await pendingOf(views, id)) === 3);
      await other.written(newId());
      expect(await other.take()).toEqual(first);
      await other.written(first.id);
      const rest = await drain();
      expect(rest).toEqual(new Map([[id, 2]]));
    });

    test("that a batch is written may be said twice", async () => {
      const id = newId();
      views.add(id);
      const first = await takeOne();
      await other.written(first.id);
      views.add(id);
      const second = await takeOne();
      expect(second.id).not.toBe(first.id);
      await views.written(first.id);
      expect(await other.take()).toEqual(second);
    });

    test("begins no batch of nothing, and counts ten thousand shares at once", async () => {
      const ids = Array.from({ length: 10_000 }, () => newId());
      for (const id of ids) views.add(id);
      const found = new Map<string, number>();
      await eventually("all are taken", async () => {
        for (const [id, count] of await drain()) found.set(id, count);
        return found.size === ids.length;
      });
      expect([...found.values()].every((count) => count === 1)).toBe(true);
    });

    test("the top is in order, or not known", async () => {
      const ids = Array.from({ length: 5 }, () => newId());
      const shares = ids.map((id, i) => ({ id, views: 1000 + i }));
      ranked.add(ids[0] ?? "");
      await rank(shares.slice(0, 3));
      await views.rebuild(shares.slice(3));
      for (const { id } of shares) ranked.add(id);
      const top = async (limit: number) => await other.top(limit);
      if (views.ranked === 0) return expect(await top(10)).toBeNull();
      expect(await top(5)).toEqual(ids.toReversed());
      expect(await top(2)).toEqual(ids.toReversed().slice(0, 2));
      // What is said of a share later counts, unless it is older.
      await rank([
        { id: ids[0] ?? "", views: 5000 },
        { id: ids[4] ?? "", views: 1 },
      ]);
      expect((await top(5))?.slice(0, 2)).toEqual([ids[0] ?? "", ids[4] ?? ""]);
      await other.unrank([ids[0] ?? "", newId()]);
      expect((await top(5))?.[0]).toBe(ids[4] ?? "");
    });

    test("keeps no more in order than it says, the most viewed of them", async () => {
      const shares = Array.from({ length: views.ranked + 50 }, (_, i) => ({ id: newId(), views: 10_000 + i }));
      await rank(shares);
      const top = await views.top(shares.length);
      if (views.ranked === 0) return expect(top).toBeNull();
      expect(top).toEqual(
        shares
          .toReversed()
          .slice(0, views.ranked)
          .map(({ id }) => id),
      );
    });
  });
}
