import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { planParts } from "../remote/part_plan.ts";
import { partDigests } from "./part_digests.ts";

const bytes = randomBytes(1_000_001);
const never = new AbortController().signal;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-md5-"));
  path = join(folder, "source");
  await Bun.write(path, bytes);
});
afterEach(async () => rm(folder, { recursive: true }));

test("gives each part the MD5 that node:crypto gives it, in base64", async () => {
  using digests = partDigests(path);
  const parts = planParts(bytes.byteLength, 300_000);
  const expected = parts.map(({ offset, size }) =>
    createHash("md5")
      .update(bytes.subarray(offset, offset + size))
      .digest("base64"),
  );
  expect(await Promise.all(parts.map((part) => digests.md5(part, never)))).toEqual(expected);
});

test("says that the file ends early or is not there, and goes on", async () => {
  using digests = partDigests(path);
  const beyond = { number: 1, offset: bytes.byteLength - 10, size: 11 };
  expect(await digests.md5(beyond, never).catch(String)).toContain("ends at");
  expect(await digests.md5({ ...beyond, size: 10 }, never)).toHaveLength(24);
  await rm(path);
  expect(await digests.md5({ ...beyond, size: 10 }, never).catch(String)).toContain("ENOENT");
});

test("waits no longer than the signal says", async () => {
  using digests = partDigests(path);
  const reason = new Error("aborted by the test");
  const aborter = new AbortController();
  const waiting = digests.md5({ number: 1, offset: 0, size: bytes.byteLength }, aborter.signal).catch((error: unknown) => error);
  aborter.abort(reason);
  expect(await waiting).toBe(reason);
});
