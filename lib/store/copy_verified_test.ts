import { afterEach, beforeEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { copyVerified } from "./copy_verified.ts";

const bytes = randomBytes(3 * 2 ** 20 + 1);
const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
const signal = new AbortController().signal;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-copy-"));
  path = join(folder, "source");
  await Bun.write(path, bytes);
});
afterEach(async () => rm(folder, { recursive: true }));

test("copies", async () => {
  await copyVerified({ path, size: bytes.byteLength, sha256 }, join(folder, "target"), signal);
  expect(Buffer.from(await Bun.file(join(folder, "target")).bytes()).equals(bytes)).toBe(true);
});

test("tells other bytes and another size than announced", async () => {
  const mismatch = { code: "checksum-mismatch" };
  const other = sha256.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  expect(
    await copyVerified({ path, size: bytes.byteLength, sha256: other }, join(folder, "a"), signal).catch(
      (error: unknown) => error,
    ),
  ).toMatchObject(mismatch);
  expect(await copyVerified({ path, size: 1, sha256 }, join(folder, "b"), signal).catch((error: unknown) => error)).toMatchObject(
    mismatch,
  );
});

test("does not write into a file that is there", async () => {
  expect(
    await copyVerified({ path, size: bytes.byteLength, sha256 }, path, signal).catch((error: unknown) => error),
  ).toMatchObject({ code: "EEXIST" });
});

test("stops between two pieces when aborted", async () => {
  const reason = new Error("aborted by the test");
  const copying = copyVerified({ path, size: bytes.byteLength, sha256 }, join(folder, "a"), AbortSignal.abort(reason));
  expect(await copying.catch((error: unknown) => error)).toBe(reason);
  expect(Bun.file(join(folder, "a")).size).toBe(0);
});
