import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { AppError } from "../errors/mod.ts";
import { diskStore } from "./disk.ts";
import { lateStore } from "./late_store.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-late-"));
});
afterAll(async () => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);

test("is opened once, by the first that finds it there, and is that store from then on", async () => {
  let opened = 0;
  const store = lateStore("disk", async () => {
    opened += 1;
    return await diskStore(join(folder, "a"));
  });
  expect(store.path("ab/cd/x")).toBeNull();
  await Promise.all([
    store.check(signal),
    store.head("ab/cd/x", signal),
    store.list({ prefix: "", after: "", limit: 1 }, signal),
  ]);
  expect(opened).toBe(1);
  expect(store.path("ab/cd/x")).toBe(join(folder, "a/ab/cd/x"));
});

test("is unavailable until then, and is not asked at each call", async () => {
  let asked = 0;
  const store = lateStore("s3", async () => {
    asked += 1;
    throw new AppError("invalid-request", "STORES, far: the secret does not belong to the key");
  });
  for (let i = 0; i < 3; i++) {
    expect(await failure(store.get("ab/cd/x", undefined, signal))).toMatchObject({
      code: "unavailable",
      message: "STORES, far: the secret does not belong to the key",
    });
  }
  expect(asked).toBe(1);
  await store.close();
});
