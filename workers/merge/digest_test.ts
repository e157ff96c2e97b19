import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { digest } from "./digest.ts";
import { digestFile } from "./digest_file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-digest-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

const never = new AbortController().signal;
const mebibyte = 2 ** 20;

async function fileOf(size: number) {
  const bytes = randomBytes(size);
  const path = join(folder, crypto.randomUUID());
  await writeFile(path, bytes);
  return { bytes, path };
}

function expected(bytes: Buffer, chunkSize: number) {
  const crcs: number[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) crcs.push(crc32(bytes.subarray(at, at + chunkSize)));
  const hash = (name: string) => createHash(name).update(bytes).digest("hex");
  return { sha1: hash("sha1"), sha256: hash("sha256"), crcs };
}

test.each([
  [0, 1000],
  [1, 1000],
  [999, 1000],
  [1000, 1000],
  [1001, 1000],
  [3 * mebibyte, mebibyte],
  [3 * mebibyte + 1, 300_000],
  [5 * mebibyte, 2 * mebibyte + 1],
])("%i bytes in chunks of %i hash as node:crypto says", async (size, chunkSize) => {
  const { bytes, path } = await fileOf(size);
  const input = { path, size, chunkSize };
  expect(digestFile(input)).toEqual(expected(bytes, chunkSize));
  let halves = 0;
  expect(await digest(input, never, () => halves++)).toEqual(expected(bytes, chunkSize));
  expect(halves).toBe(1);
});

test("a file that ends early is an error, on whichever thread", async () => {
  for (const size of [1000, 2 * mebibyte]) {
    const { path } = await fileOf(size);
    const input = { path, size: size + 1, chunkSize: 500_000 };
    expect(() => digestFile(input)).toThrow(/ends at/);
    expect(digest(input, never, () => {})).rejects.toThrow(/ends at/);
  }
});

test("a file that is not there is an error", async () => {
  for (const size of [10, 2 * mebibyte]) {
    expect(digest({ path: join(folder, "nothing"), size, chunkSize: 10 }, never, () => {})).rejects.toThrow();
  }
});

test("ends when it is told to, before and in the middle", async () => {
  const reason = new Error("lease lost");
  const { path } = await fileOf(8 * mebibyte);
  const input = { path, size: 8 * mebibyte, chunkSize: mebibyte };
  expect(await digest(input, AbortSignal.abort(reason), () => {}).catch((error: unknown) => error)).toBe(reason);
  const controller = new AbortController();
  const running = digest(input, controller.signal, () => {}).catch((error: unknown) => error);
  controller.abort(reason);
  expect(await running).toBe(reason);
});
