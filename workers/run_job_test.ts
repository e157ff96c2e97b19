import { expect, test } from "bun:test";

import { claimLease, listParked, parkedUntil, replayParked } from "#db/leases.ts";
import { AppError } from "#lib/errors/mod.ts";

import { listAllParked, replayAllParked } from "./parked.ts";
import { runJob } from "./run_job.ts";
import { testWorker, testWorkers, waitingUpload } from "./testing.ts";

test("runs a row under a lease, and frees it", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  let held = "";
  const worker = testWorker(async (_, { lease }) => {
    held = (await upload()).leaseOwner ?? "";
    expect(lease).toMatchObject({ table: "uploads", id, owner: held, fence: 1 });
    return { kind: "done" };
  });
  await runJob(ctx, worker, id);
  expect(held).toStartWith(`${ctx.node}/`);
  expect(await upload()).toMatchObject({ leaseOwner: null, leaseUntil: 0, attempts: 0, fence: 1 });
});

test("does nothing for a row that is leased, not due, in another state, or not there", async () => {
  await using workers = await testWorkers();
  const { ctx, clock } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  let runs = 0;
  const worker = testWorker(async () => {
    runs++;
    return { kind: "done" };
  });
  await claimLease(ctx.catalog, { table: "uploads", id, state: "verifying", owner: "other", now: clock.at, leaseMs: 1000 });
  await runJob(ctx, worker, id);
  await runJob(ctx, { ...worker, state: "spooled" }, id);
  await runJob(ctx, worker, "nothing");
  expect(runs).toBe(0);
  clock.at += 1000;
  await runJob(ctx, worker, id);
  expect(runs).toBe(1);
});

test("one row is run once, however many ask at once", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  const { id } = await (await waitingUpload(ctx))();
  let [running, most] = [0, 0];
  const worker = testWorker(async () => {
    most = Math.max(most, ++running);
    await Bun.sleep(20);
    running--;
    return { kind: "done" };
  });
  await Promise.all(Array.from({ length: 8 }, () => runJob(ctx, worker, id)));
  expect(most).toBe(1);
});

test("what fails is tried again, later each time, and after ten times waits for a person", async () => {
  await using workers = await testWorkers();
  const { ctx, clock } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  const worker = testWorker(async () => {
    throw new Error("nobody foresaw this");
  });
  const delays: number[] = [];
  for (let attempt = 1; attempt < 10; attempt++) {
    await runJob(ctx, worker, id);
    const { leaseUntil, attempts, leaseOwner } = await upload();
    expect({ attempts, leaseOwner }).toEqual({ attempts: attempt, leaseOwner: null });
    delays.push(leaseUntil - clock.at);
    // Not before its time.
    await runJob(ctx, worker, id);
    expect((await upload()).attempts).toBe(attempt);
    clock.at = leaseUntil;
  }
  for (const [i, delay] of delays.entries()) {
    const most = Math.min(1000 * 2 ** i, 300_000);
    expect(delay >= most * 0.75 && delay <= most * 1.25).toBe(true);
  }
  await runJob(ctx, worker, id);
  expect(await upload()).toMatchObject({ leaseUntil: parkedUntil, attempts: 10 });
  expect(await listParked(ctx.catalog, "uploads")).toEqual([{ id, state: "verifying", attempts: 10 }]);
  clock.at += 1e12;
  await runJob(ctx, worker, id);
  expect((await upload()).attempts).toBe(10);
  expect(await replayParked(ctx.catalog, "uploads")).toBe(1);
  await runJob(
    ctx,
    testWorker(async () => ({ kind: "done" })),
    id,
  );
  expect(await upload()).toMatchObject({ leaseUntil: 0, attempts: 0 });
});

test("what is away or full is waited for without end", async () => {
  await using workers = await testWorkers();
  const { ctx, clock } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  const worker = testWorker(async () => {
    throw new AppError("unavailable", "the store is away");
  });
  for (let attempt = 1; attempt <= 15; attempt++) {
    await runJob(ctx, worker, id);
    const { leaseUntil, attempts } = await upload();
    expect(attempts).toBe(attempt);
    expect(leaseUntil - clock.at).toBeLessThanOrEqual(375_000);
    clock.at = leaseUntil;
  }
});

test("a worker may ask for a retry, or for a person", async () => {
  await using workers = await testWorkers();
  const { ctx, clock } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  await runJob(
    ctx,
    testWorker(async () => ({ kind: "retry", reason: "later" })),
    id,
  );
  expect((await upload()).leaseUntil).toBeGreaterThan(clock.at);
  clock.at = (await upload()).leaseUntil;
  await runJob(
    ctx,
    testWorker(async () => ({ kind: "park", reason: "never" })),
    id,
  );
  expect((await upload()).leaseUntil).toBe(parkedUntil);
  // The copy has the reason, which the row has no place for.
  expect(await ctx.queue.parked({ limit: 10 })).toMatchObject([{ message: { worker: "merge", id }, reason: "never" }]);
  expect(await listAllParked(ctx)).toEqual({
    jobs: [{ table: "uploads", id, state: "verifying", attempts: 2, reason: "never" }],
    messages: [],
  });
  expect(await replayAllParked(ctx)).toEqual({ jobs: 1, messages: 1 });
  expect(await listAllParked(ctx)).toEqual({ jobs: [], messages: [] });
});

test("a worker may say when to try again, and how often it has failed", async () => {
  await using workers = await testWorkers();
  const { ctx, clock } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  const told = testWorker(async () => ({ kind: "retry", reason: "later", afterMs: 77_000, attempts: 5 }));
  await runJob(ctx, told, id);
  expect(await upload()).toMatchObject({ leaseUntil: clock.at + 77_000, attempts: 5 });
  clock.at += 77_000;
  const seen: number[] = [];
  const counted = testWorker(async (_, { attempts }) => {
    seen.push(attempts);
    return { kind: "retry", reason: "it got on", attempts: 1 };
  });
  await runJob(ctx, counted, id);
  const { leaseUntil, attempts } = await upload();
  expect({ seen, attempts }).toEqual({ seen: [5], attempts: 1 });
  expect(leaseUntil - clock.at >= 750 && leaseUntil - clock.at <= 1250).toBe(true);
});

test("a verdict stands on the row, even if the queue is away", async () => {
  await using workers = await testWorkers();
  const { ctx, clock } = workers;
  await ctx.queue.close();
  for (const kind of ["retry", "park"] as const) {
    const upload = await waitingUpload(ctx);
    const { id } = await upload();
    await runJob(
      ctx,
      testWorker(async () => ({ kind, reason: "later" })),
      id,
    );
    const { leaseUntil, attempts, leaseOwner } = await upload();
    expect({ attempts, leaseOwner }).toEqual({ attempts: 1, leaseOwner: kind === "park" ? "parked" : null });
    expect(leaseUntil).toBeGreaterThan(clock.at);
  }
});

test("a parked message of a job that is no longer parked is shown by itself", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  await ctx.queue.park({ v: 1, worker: "push", id: "gone", node: "n" }, "its spool file is gone");
  const { jobs, messages } = await listAllParked(ctx);
  expect(jobs).toEqual([]);
  expect(messages).toMatchObject([{ route: "push.n", reason: "its spool file is gone" }]);
  expect(JSON.parse(messages[0]?.body ?? "")).toMatchObject({ id: "gone" });
});

test("a lease is kept while its job runs, and the job ends when it is lost", async () => {
  await using workers = await testWorkers({ LEASE_TTL: "90ms" });
  const { ctx, clock } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  const worker = testWorker(async (_, { signal }) => {
    const begin = (await upload()).leaseUntil;
    clock.at += 50;
    await Bun.sleep(60);
    expect((await upload()).leaseUntil).toBe(begin + 50);
    // Somebody else claims it, as after a long pause of this process.
    clock.at += 1000;
    await claimLease(ctx.catalog, { table: "uploads", id, state: "verifying", owner: "other", now: clock.at, leaseMs: 5000 });
    for (let i = 0; i < 100 && !signal.aborted; i++) await Bun.sleep(5);
    signal.throwIfAborted();
    return { kind: "done" };
  });
  await runJob(ctx, worker, id);
  // What the loser wrote at its end had no effect.
  expect(await upload()).toMatchObject({ leaseOwner: "other", fence: 2, attempts: 0 });
});

test("a job that is dropped as the process ends is due at once, and has not failed", async () => {
  await using workers = await testWorkers();
  const { ctx } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  const ending = new AbortController();
  const lifecycle = { ...ctx.lifecycle, aborted: ending.signal };
  const worker = testWorker(async (_, { signal }) => {
    ending.abort(new Error("time is up"));
    signal.throwIfAborted();
    return { kind: "done" };
  });
  await runJob({ ...ctx, lifecycle }, worker, id);
  expect(await upload()).toMatchObject({ leaseOwner: null, leaseUntil: 0, attempts: 0 });
});
