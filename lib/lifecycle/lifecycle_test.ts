import { expect, test } from "bun:test";

import { AppError } from "../errors/mod.ts";
import { createLifecycle } from "./lifecycle.ts";

function setup() {
  const logged: { err?: unknown; name?: string; names?: string[]; text: string }[] = [];
  const warned: string[] = [];
  const log = {
    warn: ({ name }: { name: string }) => void warned.push(name),
    error: (fields: object, text: string) => void logged.push({ ...fields, text }),
  };
  const lifecycle = createLifecycle({ log });
  const order: string[] = [];
  const phase = (name: string, work: () => Promise<unknown> = async () => {}) =>
    lifecycle.onStop(name, async () => {
      await work();
      order.push(name);
    });
  return { lifecycle, logged, warned, order, phase };
}
const forever = async () => new Promise<never>(() => {});

test("runs its phases last to first, one after the other", async () => {
  const { lifecycle, order, phase } = setup();
  phase("database");
  phase("queue", async () => Bun.sleep(10));
  phase("server", async () => Bun.sleep(20));
  expect(await lifecycle.stop({ timeoutMs: 5000 })).toBe(true);
  expect(order).toEqual(["server", "queue", "database"]);
  expect(lifecycle.stopping.aborted).toBe(true);
  expect(lifecycle.aborted.aborted).toBe(false);
});

test("stops once, however often it is asked to", async () => {
  const { lifecycle, order, phase } = setup();
  phase("server", async () => Bun.sleep(5));
  const [first, second] = [lifecycle.stop({ timeoutMs: 5000 }), lifecycle.stop({ timeoutMs: 0 })];
  expect(await Promise.all([first, second])).toEqual([true, true]);
  expect(order).toEqual(["server"]);
});

test("waits for background tasks, those begun while it stops included", async () => {
  const { lifecycle, order } = setup();
  lifecycle.background("first", async () => {
    await Bun.sleep(10);
    lifecycle.background("second", async () => {
      await Bun.sleep(10);
      order.push("second");
    });
  });
  lifecycle.background("a promise", Bun.sleep(5));
  expect(await lifecycle.stop({ timeoutMs: 5000 })).toBe(true);
  expect(order).toEqual(["second"]);
});

test("warns of a background task that failed because something is away or full", async () => {
  const { lifecycle, logged, warned } = setup();
  const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  lifecycle.background("full", Promise.reject(new Error("Failed query", { cause: full })));
  lifecycle.background("away", Promise.reject(new AppError("unavailable", "the catalog is away")));
  lifecycle.background("broken", Promise.reject(new Error("nobody foresaw this")));
  await lifecycle.stop({ timeoutMs: 5000 });
  expect([warned, logged.map(({ name }) => name)]).toEqual([["full", "away"], ["broken"]]);
});

test("lets background tasks end before what they use is closed, where idle is a phase", async () => {
  const { lifecycle, order, phase } = setup();
  phase("database");
  lifecycle.onStop("background tasks", async () => lifecycle.idle());
  lifecycle.background("task", async () => {
    await Bun.sleep(10);
    order.push("task");
  });
  await lifecycle.stop({ timeoutMs: 5000 });
  expect(order).toEqual(["task", "database"]);
});

test("runs phases that are added while it stops", async () => {
  const { lifecycle, order, phase } = setup();
  lifecycle.background("start", async () => {
    await Bun.sleep(10);
    phase("late");
  });
  expect(await lifecycle.stop({ timeoutMs: 5000 })).toBe(true);
  expect(order).toEqual(["late"]);
});

test("logs a background task that fails, at once", async () => {
  const { lifecycle, logged } = setup();
  const fault = new Error("thrown by the test");
  lifecycle.background("task", Promise.reject(fault));
  lifecycle.background("thrower", () => {
    throw fault;
  });
  await Bun.sleep(1);
  expect(logged.map(({ err, name }) => [err, name])).toEqual([
    [fault, "thrower"],
    [fault, "task"],
  ]);
  expect(await lifecycle.stop({ timeoutMs: 5000 })).toBe(true);
});

test("does not log a task that ends because it was told to", async () => {
  const { lifecycle, logged } = setup();
  const { stopping } = lifecycle;
  lifecycle.background("itself", async () => {
    await new Promise<void>((resolve) => stopping.addEventListener("abort", () => resolve()));
    stopping.throwIfAborted();
  });
  lifecycle.background("as a cause", async () => {
    await new Promise<void>((resolve) => stopping.addEventListener("abort", () => resolve()));
    throw new Error("aborted", { cause: stopping.reason });
  });
  expect(await lifecycle.stop({ timeoutMs: 5000 })).toBe(true);
  expect(logged).toEqual([]);
});

test("goes on after a phase that fails, and says that not all is well", async () => {
  const { lifecycle, logged, order, phase } = setup();
  const fault = new Error("thrown by the test");
  phase("database");
  phase("queue", () => {
    throw fault;
  });
  expect(await lifecycle.stop({ timeoutMs: 5000 })).toBe(false);
  expect(order).toEqual(["database"]);
  expect(logged).toMatchObject([{ err: fault, name: "queue" }]);
});

test("aborts what has not ended in time, and lets it clean up", async () => {
  const { lifecycle, logged, order, phase } = setup();
  const { aborted } = lifecycle;
  phase("database");
  phase("server", async () => {
    await new Promise<void>((resolve) => aborted.addEventListener("abort", () => resolve()));
    await Bun.sleep(10);
  });
  expect(await lifecycle.stop({ timeoutMs: 30, graceMs: 5000 })).toBe(false);
  expect(order).toEqual(["server", "database"]);
  expect(logged).toEqual([]);
});

test("gives up what does not end when aborted, names it, and begins the other phases", async () => {
  const { lifecycle, logged, order, phase } = setup();
  phase("lock");
  phase("server", forever);
  lifecycle.background("task", forever);
  expect(await lifecycle.stop({ timeoutMs: 20, graceMs: 20 })).toBe(false);
  expect(order).toEqual(["lock"]);
  expect(logged.map(({ name, names }) => name ?? names)).toContainEqual("server");
  expect(logged.at(-1)?.names).toEqual(["task"]);
});
