import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { diskStore } from "./disk.ts";
import type { PutSource } from "./port.ts";

// What every store does is in test/contract/store.ts; here is what only a folder does.
const signal = new AbortController().signal;
let folder: string;
let source: PutSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-disk-"));
  const path = join(folder, "source");
  await Bun.write(path, "hello");
  source = { path, size: 5, sha256: new Bun.CryptoHasher("sha256").update("hello").digest("hex") };
});
afterEach(async () => rm(folder, { recursive: true }));

test("links a source on the same filesystem instead of copying it", async () => {
  const store = await diskStore(join(folder, "store"));
  await store.put("ab/cd/x", source, signal);
  const [put, original] = await Promise.all([stat(store.path("ab/cd/x") ?? ""), stat(source.path)]);
  expect(put.ino).toBe(original.ino);
});

test("says when an object was put, not when its source was written", async () => {
  const store = await diskStore(join(folder, "store"));
  await Bun.sleep(30);
  const before = Date.now();
  await store.put("ab/cd/x", source, signal);
  // The kernel's clock for files ticks every few milliseconds.
  expect((await store.head("ab/cd/x", signal))?.modifiedAt).toBeGreaterThan(before - 15);
});

test("holds its objects when opened again", async () => {
  const root = join(folder, "a", "b", "store");
  await (await diskStore(root)).put("ab/cd/x", source, signal);
  const again = await diskStore(root);
  expect(await new Response(await again.get("ab/cd/x", undefined, signal)).text()).toBe("hello");
});

test("makes a folder again that somebody removed", async () => {
  const root = join(folder, "store");
  const store = await diskStore(root);
  await store.put("ab/cd/x", source, signal);
  await rm(join(root, "ab"), { recursive: true });
  await store.put("ab/cd/y", source, signal);
  expect((await store.head("ab/cd/y", signal))?.size).toBe(5);
});

test("does not make its root again: an unmounted disk must not fill the one below it", async () => {
  const root = join(folder, "store");
  const store = await diskStore(root);
  await rm(root, { recursive: true });
  const failures = [
    store.put("ab/cd/x", source, signal),
    store.get("ab/cd/x", undefined, signal),
    store.head("ab/cd/x", signal),
    store.delete("ab/cd/x", signal),
    store.list({ prefix: "", after: "", limit: 1 }, signal),
  ].map((call) => call.catch((error: unknown) => error));
  // Not that the objects are lost: they are where the disk is.
  for (const failure of await Promise.all(failures)) expect(failure).toMatchObject({ code: "unavailable" });
  expect(await stat(root).catch((error: unknown) => error)).toMatchObject({ code: "ENOENT" });
  expect(await store.check(signal).catch((error: unknown) => error)).toMatchObject({ code: "unavailable" });
});

test("takes a folder under a key for no object", async () => {
  const root = join(folder, "store");
  const store = await diskStore(root);
  await mkdir(join(root, "ab", "cd"), { recursive: true });
  expect(await store.head("ab/cd", signal)).toBeNull();
  expect(await store.head("ab/cd/x/y", signal)).toBeNull();
});

test("keeps the folder of unfinished puts to itself", async () => {
  const root = join(folder, "store");
  const store = await diskStore(root);
  expect(() => store.path("tmp/x")).toThrow(RangeError);
  expect(() => store.path("tmp")).toThrow(RangeError);
  expect(store.path("tmpx/y")).toBe(join(root, "tmpx/y"));
  await Bun.write(join(root, "tmp", "README"), "put there by a person");
  expect(await store.sweep(Date.now() + 1e6, signal)).toBe(0);
});
