import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ByteRange } from "../port.ts";
import { digestSpans } from "./digest_spans.ts";
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

const parts = [0, 300_000, 600_000, 900_000].map((offset) => ({ offset, length: Math.min(300_000, bytes.byteLength - offset) }));
const md5Of = ({ offset, length }: ByteRange) => md5(bytes.subarray(offset, offset + length));
const md5 = (of: Uint8Array) => createHash("md5").update(of).digest("hex");

test("gives each part the MD5 that node:crypto gives it", async () => {
  using digests = partDigests(path);
  expect(await Promise.all(parts.map((part) => digests.md5(part, never)))).toEqual(parts.map(md5Of));
});

test("says of a part what is known of it, and reads only the others", async () => {
  const [first, second, third, last] = parts as [ByteRange, ByteRange, ByteRange, ByteRange];
  const known = [
    { ...second, md5: "known" },
    // Of another plan of parts.
    { offset: third.offset, length: third.length - 1, md5: "of other bytes" },
  ];
  using digests = partDigests(path, known);
  expect(await Promise.all([first, second, third].map((part) => digests.md5(part, never)))).toEqual([
    md5Of(first),
    "known",
    md5Of(third),
  ]);
  await rm(path);
  expect(await digests.md5(second, never)).toBe("known");
  expect(await digests.md5(last, never).catch(String)).toContain("ENOENT");
});

test("spans are given back with what they hash to", async () => {
  expect(await digestSpans(path, parts, never)).toEqual(parts.map((part) => ({ ...part, md5: md5Of(part) })));
  expect(await digestSpans(join(folder, "missing"), [], never)).toEqual([]);
  expect(await digestSpans(join(folder, "missing"), parts, never).catch(String)).toContain("ENOENT");
});

test("says that the file ends early or is not there, and goes on", async () => {
  using digests = partDigests(path);
  const beyond = { offset: bytes.byteLength - 10, length: 11 };
  expect(await digests.md5(beyond, never).catch(String)).toContain("ends at");
  expect(await digests.md5({ ...beyond, length: 10 }, never)).toBe(md5(bytes.subarray(-10)));
  await rm(path);
  expect(await digests.md5({ ...beyond, length: 10 }, never).catch(String)).toContain("ENOENT");
});

test("waits no longer than the signal says", async () => {
  using digests = partDigests(path);
  const reason = new Error("aborted by the test");
  const aborter = new AbortController();
  const waiting = digests.md5({ offset: 0, length: bytes.byteLength }, aborter.signal).catch((error: unknown) => error);
  aborter.abort(reason);
  expect(await waiting).toBe(reason);
});
