import { expect, test } from "bun:test";

import { AppError } from "#lib/errors/mod.ts";

import type { Queries } from "../catalog.ts";
import { queriesOver } from "./queries.ts";
import { splitReads } from "./split_reads.ts";

/** Builders that are told apart, and never asked. */
const server = () =>
  queriesOver(async () => {
    throw new Error("nobody asks it here");
  });

function split({ recent = (): boolean => false, fresh = [true, true] } = {}) {
  const primary = server();
  const replicas = fresh.map((isFresh) => ({ db: server(), isFresh: () => isFresh }));
  const names = new Map<Queries, string>([[primary, "primary"], ...replicas.map(({ db }, i) => [db, `replica ${i}`] as const)]);
  const said: string[] = [];
  const log = { info: () => {}, warn: (_: object, message: string) => void said.push(message) };
  const recency = { isRecent: async () => recent() };
  const { read } = splitReads({ primary, replicas, recency, log });
  return { read, said, ask: () => read("u", async (db) => names.get(db)), names };
}

test("fresh replicas take turns, and those that are not are passed over", async () => {
  const { ask } = split({ fresh: [true, false, true] });
  expect([await ask(), await ask(), await ask(), await ask()].toSorted()).toEqual([
    "replica 0",
    "replica 0",
    "replica 2",
    "replica 2",
  ]);
});

test("without a fresh one, or for who wrote of late, it is the primary", async () => {
  expect(await split({ fresh: [false] }).ask()).toBe("primary");
  expect(await split({ recent: () => true }).ask()).toBe("primary");
});

test("where it cannot be told who wrote, it is the primary, and that is said once", async () => {
  let away = true;
  const recent = () => {
    if (away) throw new Error("away");
    return false;
  };
  const { ask, said } = split({ recent });
  expect([await ask(), await ask()]).toEqual(["primary", "primary"]);
  expect(said).toHaveLength(1);
  away = false;
  expect(await ask()).toStartWith("replica");
  away = true;
  await ask();
  expect(said).toHaveLength(2);
});

test("what a replica cannot answer, the primary is asked; what is wrong with the question is not", async () => {
  const { read, names } = split();
  const asked: (string | undefined)[] = [];
  const failing = (error: Error) =>
    read("u", async (db) => {
      asked.push(names.get(db)?.split(" ")[0]);
      if (names.get(db) !== "primary") throw error;
      return "answer";
    });
  expect(await failing(new AppError("unavailable", "away"))).toBe("answer");
  const fault = new AppError("not-found", "none");
  expect(await failing(fault).catch((error: unknown) => error)).toBe(fault);
  expect(asked).toEqual(["replica", "primary", "replica"]);
});
