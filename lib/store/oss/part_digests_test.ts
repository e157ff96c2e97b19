import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createCRC64 } from "hash-wasm";

import { planParts } from "../remote/part_plan.ts";
import { partDigests } from "./part_digests.ts";

const bytes = randomBytes(1_000_001);
const never = new AbortController().signal;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-digests-"));
  path = join(folder, "source");
  await Bun.write(path, bytes);
});
afterEach(async () => rm(folder, { recursive: true }));

test("gives each part its CRC-64 and, if wanted, its MD5, and the whole its SHA-256", async () => {
  using digests = partDigests(path);
  const parts = planParts(bytes.byteLength, 300_000);
  const wanted = parts.map(({ number }) => ({ md5: number % 2 === 0 }));
  const got = await Promise.all(parts.map(async (part, at) => digests.of(part, wanted[at] ?? { md5: false }, never)));
  const crc = await createCRC64();
  expect(got).toEqual(
    parts.map(({ offset, size, number }) => {
      const span = bytes.subarray(offset, offset + size);
      const md5 = number % 2 === 0 ? createHash("md5").update(span).digest("hex") : undefined;
      return { crc64: BigInt(`0x${crc.init().update(span).digest()}`), md5 };
    }),
  );
  expect(await digests.whole(never)).toBe(createHash("sha256").update(bytes).digest("hex"));
});

test("says that the file ends early or is not there, and goes on", async () => {
  using digests = partDigests(path);
  const beyond = { number: 1, offset: bytes.byteLength - 10, size: 11 };
  expect(await digests.of(beyond, { md5: false }, never).catch(String)).toContain("ends at");
  expect(await digests.of({ ...beyond, size: 10 }, { md5: true }, never)).toMatchObject({ md5: expect.any(String) });
  await rm(path);
  expect(await digests.of({ ...beyond, size: 10 }, { md5: false }, never).catch(String)).toContain("ENOENT");
});

test("waits no longer than the signal says", async () => {
  using digests = partDigests(path);
  const reason = new Error("aborted by the test");
  const aborter = new AbortController();
  const part = { number: 1, offset: 0, size: bytes.byteLength };
  const waiting = digests.of(part, { md5: false }, aborter.signal).catch((error: unknown) => error);
  aborter.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await digests.whole(aborter.signal).catch((error: unknown) => error)).toBe(reason);
});
