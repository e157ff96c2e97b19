import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { type ByteRange, digestSpans, type PutSource, type Store } from "#lib/store/mod.ts";

import { eventually } from "./eventually.ts";

/** An opened engine and what the suite must know of it. */
export interface StoreHarness {
  store: Store;
  /** A folder for source files. */
  sources: string;
  /** Whether `put` reads the bytes, and so sees a wrong SHA-256. */
  verifies: boolean;
  /** Whether a put that is broken off leaves what has arrived to the next put of that key. */
  resumes?: boolean;
  /** Whether a file of more than 5 MiB is sent in parts, each with its MD5. */
  sendsMd5s?: boolean;
  /** How many unfinished puts the store holds. */
  unfinished(): Promise<number>;
  /** Leaves behind what a put leaves whose process is killed. */
  leaveUnfinished(): Promise<void>;
  /** Closes the store and removes all that the harness made. */
  close(): Promise<void>;
}

const mebibyte = 2 ** 20;
const signal = new AbortController().signal;
const digest = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

/** A key as Sluice makes them. */
function newKey(): string {
  const sha1 = randomBytes(20).toString("hex");
  return `${sha1.slice(0, 2)}/${sha1.slice(2, 4)}/${sha1}-${newId()}`;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
}

/** The code of the AppError that `work` rejects with, or whatever else it does. */
async function code(work: Promise<unknown>): Promise<unknown> {
  const error = await failure(work);
  return error instanceof AppError ? error.code : error;
}

/** What every engine of the store port must do. The objects it makes are deleted with the harness. */
export function storeContract(name: string, open: () => Promise<StoreHarness>): void {
  describe(`store: ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;
    beforeAll(async () => {
      harness = await open();
      store = harness.store;
    });
    afterAll(async () => harness.close());

    const newSource = async (bytes: Uint8Array): Promise<PutSource> => {
      const path = join(harness.sources, newId());
      await Bun.write(path, bytes);
      return { path, size: bytes.byteLength, sha256: digest(bytes) };
    };
    const put = async (bytes: Uint8Array, key = newKey()) => {
      await store.put(key, await newSource(bytes), signal);
      return key;
    };
    const read = async (key: string, range?: ByteRange) =>
      new Uint8Array(await new Response(await store.get(key, range, signal)).arrayBuffer());

    test("names its engine", () => expect(store.engine).toMatch(/^[a-z0-9]+$/));

    test.each([0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 9 * mebibyte + 7])(
      "gives back %i bytes as they were put",
      async (size) => {
        const bytes = randomBytes(size);
        const before = Date.now();
        const key = await put(bytes);
        expect(digest(await read(key))).toBe(digest(bytes));
        const head = await store.head(key, signal);
        expect(head?.size).toBe(size);
        // A store's clock has a second's grain and may be a little off.
        expect(Math.abs((head?.modifiedAt ?? 0) - before)).toBeLessThan(60_000);
      },
    );

    test("holds an object when its source is gone", async () => {
      const bytes = randomBytes(1000);
      const source = await newSource(bytes);
      const key = newKey();
      await store.put(key, source, signal);
      await rm(source.path);
      expect(await read(key)).toEqual(new Uint8Array(bytes));
    });

    test("gives ranges", async () => {
      const bytes = randomBytes(mebibyte + 1);
      const key = await put(bytes);
      for (const [offset, length] of [
        [0, 1],
        [0, mebibyte + 1],
        [mebibyte, 1],
        [12_345, 500_000],
      ] as const) {
        expect(digest(await read(key, { offset, length }))).toBe(digest(bytes.subarray(offset, offset + length)));
      }
    });

    test("says null of what is not there, and content-lost to who reads it", async () => {
      const key = newKey();
      expect(await store.head(key, signal)).toBeNull();
      expect(await code(read(key))).toBe("content-lost");
      expect(await code(read(key, { offset: 0, length: 1 }))).toBe("content-lost");
    });

    test("deletes, and finds it fine that nothing is there", async () => {
      const key = await put(randomBytes(10));
      const other = await put(randomBytes(10));
      await store.delete(key, signal);
      await store.delete(key, signal);
      await store.delete(newKey(), signal);
      expect(await store.head(key, signal)).toBeNull();
      expect(await code(read(key))).toBe("content-lost");
      expect((await store.head(other, signal))?.size).toBe(10);
      await store.put(key, await newSource(randomBytes(11)), signal);
      expect((await store.head(key, signal))?.size).toBe(11);
    });

    test("puts a key again, also at the same time, with one effect", async () => {
      const bytes = randomBytes(mebibyte + 1);
      const source = await newSource(bytes);
      const key = newKey();
      await Promise.all([1, 2, 3, 4].map(async () => store.put(key, source, signal)));
      await store.put(key, await newSource(bytes), signal);
      expect(digest(await read(key))).toBe(digest(bytes));
      expect(await harness.unfinished()).toBe(0);
    });

    test("replaces an object of another size", async () => {
      const key = await put(randomBytes(100));
      const bytes = randomBytes(200);
      await put(bytes, key);
      expect(await read(key)).toEqual(new Uint8Array(bytes));
    });

    test("refuses a source of another size than announced", async () => {
      const source = await newSource(randomBytes(100));
      const key = newKey();
      expect(await code(store.put(key, { ...source, size: 101 }, signal))).toBe("checksum-mismatch");
      expect(await code(store.put(key, { ...source, size: 99 }, signal))).toBe("checksum-mismatch");
      expect(await store.head(key, signal)).toBeNull();
      expect(await harness.unfinished()).toBe(0);
    });

    test("refuses bytes that are not those announced, where it reads them", async () => {
      if (!harness.verifies) return;
      const source = await newSource(randomBytes(mebibyte + 1));
      const key = newKey();
      expect(await code(store.put(key, { ...source, sha256: digest(randomBytes(1)) }, signal))).toBe("checksum-mismatch");
      expect(await store.head(key, signal)).toBeNull();
      expect(await harness.unfinished()).toBe(0);
    });

    test("names spans that cover a file, or none, and takes what they hash to", async () => {
      const size = 13 * mebibyte + 5;
      const bytes = randomBytes(size);
      const source = await newSource(bytes);
      const spans = store.spansToDigest(size);
      expect(spans.length > 1).toBe(harness.sendsMd5s ?? false);
      const ends = [0, ...spans.map(({ offset, length }) => offset + length)];
      expect(ends).toEqual([...spans.map(({ offset }) => offset), spans.length > 0 ? size : 0]);
      const digests = await digestSpans(source.path, spans, signal);
      const key = newKey();
      await store.put(key, { ...source, digests }, signal);
      expect(digest(await read(key))).toBe(digest(bytes));
    });

    test("refuses a file of other bytes than its spans and its SHA-256 were taken of, where it reads them", async () => {
      if (!harness.verifies) return;
      const size = 13 * mebibyte + 5;
      const source = await newSource(randomBytes(size));
      const digests = await digestSpans(source.path, store.spansToDigest(size), signal);
      await Bun.write(source.path, randomBytes(size));
      const key = newKey();
      expect(await code(store.put(key, { ...source, digests }, signal))).toBe("checksum-mismatch");
      expect(await store.head(key, signal)).toBeNull();
      expect(await harness.unfinished()).toBe(0);
    });

    test("fails where the source is not there, and leaves nothing", async () => {
      const key = newKey();
      const path = join(harness.sources, newId());
      expect(await code(store.put(key, { path, size: 1, sha256: digest(randomBytes(1)) }, signal))).toBe("content-lost");
      expect(await store.head(key, signal)).toBeNull();
      expect(await harness.unfinished()).toBe(0);
    });

    test("never shows a half", async () => {
      const bytes = randomBytes(48 * mebibyte);
      const source = await newSource(bytes);
      const key = newKey();
      const sizes = new Set<number | undefined>();
      const looking = new AbortController();
      const look = async () => {
        for (; !looking.signal.aborted; await Bun.sleep(1)) sizes.add((await store.head(key, signal))?.size);
      };
      await Promise.all([store.put(key, source, signal).finally(() => looking.abort()), look()]);
      sizes.delete(undefined);
      expect([...sizes].filter((size) => size !== bytes.byteLength)).toEqual([]);
      expect(digest(await read(key))).toBe(digest(bytes));
    });

    test("leaves nothing of a put that is aborted midway, or what the next put takes up", async () => {
      const bytes = randomBytes(48 * mebibyte);
      const source = await newSource(bytes);
      const key = newKey();
      const aborter = new AbortController();
      const reason = new Error("aborted by the test");
      const putting = failure(store.put(key, source, aborter.signal));
      // Or it is done before it can be seen to have begun, as a hard link is.
      await Promise.race([putting, eventually("the put has begun", async () => (await harness.unfinished()) > 0)]);
      aborter.abort(reason);
      if ((await putting) === reason) {
        expect(await store.head(key, signal)).toBeNull();
        if (harness.resumes === true) await store.put(key, source, signal);
      } else expect(digest(await read(key))).toBe(digest(bytes));
      await eventually("nothing unfinished", async () => (await harness.unfinished()) === 0);
    });

    test("does nothing for a signal that is aborted already", async () => {
      const key = await put(randomBytes(10));
      const source = await newSource(randomBytes(20));
      const reason = new Error("aborted by the test");
      const aborted = AbortSignal.abort(reason);
      const other = newKey();
      expect(await failure(store.put(other, source, aborted))).toBe(reason);
      expect(await failure(store.get(key, undefined, aborted))).toBe(reason);
      expect(await failure(store.head(key, aborted))).toBe(reason);
      expect(await failure(store.delete(key, aborted))).toBe(reason);
      expect(await failure(store.list({ prefix: "", after: "", limit: 1 }, aborted))).toBe(reason);
      expect(await failure(store.countStale(0, aborted))).toBe(reason);
      expect(await failure(store.sweep(0, aborted))).toBe(reason);
      expect(await failure(store.check(aborted))).toBe(reason);
      expect(await store.head(other, signal)).toBeNull();
      expect((await store.head(key, signal))?.size).toBe(10);
    });

    test("sweeps unfinished puts begun before a time, and no object", async () => {
      const key = await put(randomBytes(10));
      await harness.leaveUnfinished();
      await harness.leaveUnfinished();
      expect(await store.countStale(Date.now() - 3_600_000, signal)).toBe(0);
      expect(await store.countStale(Date.now() + 3_600_000, signal)).toBe(2);
      expect(await store.sweep(Date.now() - 3_600_000, signal)).toBe(0);
      expect(await harness.unfinished()).toBe(2);
      expect(await store.sweep(Date.now() + 3_600_000, signal)).toBe(2);
      expect(await harness.unfinished()).toBe(0);
      expect((await store.head(key, signal))?.size).toBe(10);
    });

    test("lists what it holds, in order, from a key on, below a prefix", async () => {
      // In the order of bytes, in which "-" comes before "/" and capitals before small letters.
      const keys = ["la/B", "la/b-c", "la/b/c", "la/b/d/e", "la/bb", "lb/x"];
      const before = Date.now();
      for (const [i, key] of keys.toReversed().entries()) await put(randomBytes(i + 1), key);
      const list = async (prefix: string, after: string, limit = 1000) =>
        (await store.list({ prefix, after, limit }, signal)).map((object) => object.key);
      expect(await list("la/", "")).toEqual(keys.slice(0, 5));
      expect(await list("l", "")).toEqual(keys);
      expect(await list("la/b", "")).toEqual(keys.slice(1, 5));
      expect(await list("la/b/", "")).toEqual(["la/b/c", "la/b/d/e"]);
      expect(await list("la/", "la/b-c")).toEqual(keys.slice(2, 5));
      expect(await list("la/", "la/b/cc")).toEqual(["la/b/d/e", "la/bb"]);
      expect(await list("la/", "la/b/d/e")).toEqual(["la/bb"]);
      expect(await list("l", "la/zz")).toEqual(["lb/x"]);
      expect(await list("la/", "lb")).toEqual([]);
      expect(await list("no/such/prefix", "")).toEqual([]);
      for (const [i, key] of keys.entries()) {
        const page = await store.list({ prefix: "l", after: i === 0 ? "" : keys[i - 1]!, limit: 1 }, signal);
        expect(page.map((object) => [object.key, object.size])).toEqual([[key, keys.length - i]]);
        expect(Math.abs((page[0]?.modifiedAt ?? 0) - before)).toBeLessThan(60_000);
      }
    });

    test("lists all of it in pages, each object once, and none of what is unfinished", async () => {
      await harness.leaveUnfinished();
      const all = new Map<string, number>();
      for (let after = ""; ;) {
        const page = await store.list({ prefix: "", after, limit: 7 }, signal);
        expect(page.length).toBeLessThanOrEqual(7);
        if (page.length === 0) break;
        for (const { key, size } of page) {
          expect(key > after).toBe(true);
          after = key;
          all.set(key, size);
        }
      }
      const whole = await store.list({ prefix: "", after: "", limit: 1000 }, signal);
      expect([...all.keys()]).toEqual(whole.map(({ key }) => key));
      expect(all.size).toBeGreaterThan(15);
      for (const [key, size] of all) expect((await store.head(key, signal))?.size).toBe(size);
      await store.sweep(Date.now() + 3_600_000, signal);
    });

    test("refuses keys that are none", async () => {
      for (const key of ["", "/a", "a/", "a//b", "a/../b", "../a", "./a", "a/./b", "a b", "a\0b", "ä", "a\\b", "a\n"]) {
        expect(await failure(store.head(key, signal))).toBeInstanceOf(RangeError);
        expect(() => store.path(key)).toThrow(RangeError);
      }
    });

    test("gives a local path or a signed URL that serve the object, or null", async () => {
      const bytes = randomBytes(1000);
      const key = await put(bytes);
      const path = store.path(key);
      if (path !== null) expect(await Bun.file(path).bytes()).toEqual(new Uint8Array(bytes));
      const url = await store.signedUrl(key, {
        expiresAt: Date.now() + 60_000,
        contentType: "text/x-sluice",
        contentDisposition: 'attachment; filename="a.txt"',
      });
      if (url === null) return;
      const answer = await fetch(url);
      expect(answer.headers.get("content-type")).toBe("text/x-sluice");
      expect(answer.headers.get("content-disposition")).toBe('attachment; filename="a.txt"');
      expect(await answer.bytes()).toEqual(new Uint8Array(bytes));
    });

    test("can be reached", async () => store.check(signal));
  });
}
