import { expect, test } from "bun:test";

import { startWorkers } from "./runner.ts";
import { testWorker, testWorkers, waitingUpload } from "./testing.ts";

test("runs what a message names, and what is due without one", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  const ids = [(await (await waitingUpload(ctx))()).id, (await (await waitingUpload(ctx))()).id];
  const [told = "", found = ""] = ids;
  const ran = new Set<string>();
  const done = Promise.withResolvers<void>();
  const worker = testWorker(
    async (_, { lease }) => {
      ran.add(lease.id);
      if (ran.size === 2) done.resolve();
      return { kind: "done" };
    },
    () => (ran.has(found) ? [] : [found]),
  );
  const runner = await startWorkers(ctx, [worker]);
  await ctx.queue.publish({ v: 1, worker: "merge", id: told, node: ctx.node });
  await done.promise;
  await runner.stop();
  expect([...ran].toSorted()).toEqual(ids.toSorted());
});

test("two runners never run one row at once", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  const { id } = await (await waitingUpload(ctx))();
  let [running, most, runs] = [0, 0, 0];
  const enough = Promise.withResolvers<void>();
  const worker = testWorker(
    async () => {
      most = Math.max(most, ++running);
      await Bun.sleep(5);
      running--;
      if (++runs >= 5) enough.resolve();
      return { kind: "done" };
    },
    () => (running === 0 ? [id, id] : []),
  );
  const runners = [await startWorkers(ctx, [worker]), await startWorkers({ ...ctx, node: "another" }, [worker])];
  await enough.promise;
  await Promise.all(runners.map((runner) => runner.stop()));
  expect(most).toBe(1);
});

test("runs no more at once than it may", async () => {
  await using workers = await testWorkers({ WORKER_CONCURRENCY: "2" });
  const { ctx } = workers;
  const ids = await Promise.all(Array.from({ length: 6 }, async () => (await (await waitingUpload(ctx))()).id));
  let [running, most] = [0, 0];
  const ran = new Set<string>();
  const done = Promise.withResolvers<void>();
  const worker = testWorker(
    async (_, { lease }) => {
      most = Math.max(most, ++running);
      await Bun.sleep(5);
      running--;
      if (ran.add(lease.id).size === ids.length) done.resolve();
      return { kind: "done" };
    },
    () => ids.filter((id) => !ran.has(id)),
  );
  const runner = await startWorkers(ctx, [worker]);
  for (const id of ids) await ctx.queue.publish({ v: 1, worker: "merge", id, node: ctx.node });
  await done.promise;
  await runner.stop();
  expect(most).toBe(2);
});

test("a job that takes long keeps no other from being found", async () => {
  await using workers = await testWorkers({ WORKER_CONCURRENCY: "2" });
  const { ctx } = workers;
  const long = (await (await waitingUpload(ctx))()).id;
  const due = [long];
  const [begun, other, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const worker = testWorker(
    async (_, { lease }) => {
      (lease.id === long ? begun : other).resolve();
      if (lease.id === long) await over.promise;
      due.splice(due.indexOf(lease.id), 1);
      return { kind: "done" };
    },
    () => due,
  );
  const runner = await startWorkers(ctx, [worker]);
  await begun.promise;
  due.push((await (await waitingUpload(ctx))()).id);
  await other.promise;
  expect(due).toContain(long);
  over.resolve();
  await runner.stop();
  expect(due).toEqual([]);
});

test("a worker may run more at once than others", async () => {
  await using workers = await testWorkers({ WORKER_CONCURRENCY: "1", OFFLINE_PARALLEL: "3" });
  const { ctx } = workers;
  const due = await Promise.all(Array.from({ length: 3 }, async () => (await (await waitingUpload(ctx))()).id));
  const all = Promise.withResolvers<void>();
  let running = 0;
  const run = async () => {
    if (++running === 3) all.resolve();
    await all.promise;
    return { kind: "done" as const };
  };
  const worker = { ...testWorker(run, () => (running === 3 ? [] : due)), concurrency: () => ctx.config.OFFLINE_PARALLEL };
  const runner = await startWorkers(ctx, [worker]);
  await all.promise;
  await runner.stop();
});

test("stopping waits for what runs, and begins nothing more", async () => {
  await using workers = await testWorkers({ WORKER_CONCURRENCY: "1" });
  const { ctx } = workers;
  const ids = [(await (await waitingUpload(ctx))()).id, (await (await waitingUpload(ctx))()).id];
  const begun = Promise.withResolvers<void>();
  const events: string[] = [];
  const worker = testWorker(
    async () => {
      events.push("begin");
      begun.resolve();
      await Bun.sleep(50);
      events.push("end");
      return { kind: "done" };
    },
    () => ids,
  );
  const runner = await startWorkers(ctx, [worker]);
  await begun.promise;
  await runner.stop();
  events.push("stopped");
  await ctx.queue.publish({ v: 1, worker: "merge", id: ids[0] ?? "", node: ctx.node });
  await Bun.sleep(60);
  expect(events).toEqual(["begin", "end", "stopped"]);
});

test("one that cannot look for work looks again", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  const { id } = await (await waitingUpload(ctx))();
  const ran = Promise.withResolvers<void>();
  let looks = 0;
  const worker = testWorker(
    async () => {
      ran.resolve();
      return { kind: "done" };
    },
    () => {
      if (++looks < 3) throw new Error("the catalog is away");
      return [id];
    },
  );
  const runner = await startWorkers(ctx, [worker]);
  await ran.promise;
  await runner.stop();
  expect(looks).toBeGreaterThanOrEqual(3);
});

test("one that ticks ticks again and again, also after it failed", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  const enough = Promise.withResolvers<void>();
  let ticks = 0;
  const tick = async () => {
    if (++ticks === 1) throw new Error("the first time");
    if (ticks === 4) enough.resolve();
  };
  const runner = await startWorkers(ctx, [{ name: "sweep", tick }]);
  await enough.promise;
  await runner.stop();
  const after = ticks;
  await Bun.sleep(60);
  expect(ticks).toBe(after);
});
