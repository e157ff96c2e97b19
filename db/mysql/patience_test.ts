import { expect, test } from "bun:test";

import { AppError, isAppError } from "#lib/errors/mod.ts";

import { Failure, type FailureKind } from "./failure.ts";
import { createPatience } from "./patience.ts";

/** A patience of ten seconds on a clock that only its own waiting moves. */
function impatient() {
  const clock = { now: 0 };
  const patience = createPatience({
    clock: () => clock.now,
    sleep: async (ms) => void (clock.now += ms),
    random: () => 1,
  });
  return { clock, persist: patience.persist };
}

/** Work that fails so many times, and counts. */
function failing(kind: FailureKind, times = Number.POSITIVE_INFINITY) {
  const work = { tries: 0, run: async () => {} };
  work.run = async () => {
    if (++work.tries <= times) throw new Failure(kind, new Error(`${kind} ${work.tries}`));
  };
  return work;
}

const caught = (work: Promise<unknown>) => work.catch((error: unknown) => error);

test.each([
  ["conflict", false],
  ["refused", false],
  ["lost", true],
] as const)("%s passes", async (kind, isRepeatable) => {
  const { persist } = impatient();
  const work = failing(kind, 3);
  await persist(work.run, isRepeatable);
  expect(work.tries).toBe(4);
});

test.each([
  ["lost", false],
  ["late", true],
  ["busy", true],
  ["denied", true],
] as const)("%s is not tried again", async (kind, isRepeatable) => {
  const { persist } = impatient();
  const work = failing(kind);
  const error = await caught(persist(work.run, isRepeatable));
  expect(isAppError(error, "unavailable")).toBe(true);
  expect((error as AppError).retryAfterSeconds).toBeGreaterThan(0);
  expect(String((error as AppError).cause)).toContain(`${kind} 1`);
  expect(work.tries).toBe(1);
});

test("gives up after ten seconds", async () => {
  const { clock, persist } = impatient();
  const work = failing("refused");
  expect(isAppError(await caught(persist(work.run, false)), "unavailable")).toBe(true);
  expect(clock.now).toBeGreaterThan(8000);
  expect(clock.now).toBeLessThanOrEqual(10_000);
  expect(work.tries).toBeGreaterThan(10);
});

test("an outage does not make those wait who come later, until it is over", async () => {
  const { clock, persist } = impatient();
  await caught(persist(failing("refused").run, false));
  clock.now += 5000;
  const later = failing("refused");
  await caught(persist(later.run, false));
  expect(later.tries).toBe(1);
  await persist(async () => {}, false);
  const next = failing("refused", 5);
  await persist(next.run, false);
  expect(next.tries).toBe(6);
});

test("conflicts for ever are given up, too", async () => {
  const { persist } = impatient();
  const work = failing("conflict");
  expect(isAppError(await caught(persist(work.run, false)), "unavailable")).toBe(true);
  expect(work.tries).toBe(10);
});

test("what is no failure of the database comes out at once and as it is", async () => {
  const { persist } = impatient();
  const error = new AppError("name-taken", "taken");
  let tries = 0;
  const work = async () => {
    tries++;
    throw error;
  };
  expect(await caught(persist(work, true))).toBe(error);
  expect(tries).toBe(1);
});
