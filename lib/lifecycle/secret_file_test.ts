import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readOrMakeSecret } from "./secret_file.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-secret-"));
  path = join(folder, "token.key");
});
afterEach(async () => rm(folder, { recursive: true }));

const never = () => {
  throw new Error("must not be made again");
};

test("makes a secret that only its owner may read, and keeps it", async () => {
  expect(await readOrMakeSecret(path, () => "s3cret")).toBe("s3cret");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readOrMakeSecret(path, never)).toBe("s3cret");
  expect(await readdir(folder)).toEqual(["token.key"]);
});

test("takes a file that a person wrote, and closes it to others", async () => {
  await Bun.write(path, "  by hand\n");
  await chmod(path, 0o644);
  expect(await readOrMakeSecret(path, never)).toBe("by hand");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("refuses an empty file rather than to make all that it signed worthless", async () => {
  await Bun.write(path, "\n");
  expect(await readOrMakeSecret(path, never).catch((error: unknown) => error)).toMatchObject({ code: "unavailable" });
});

test("gives one secret to all that make it at once, in one process", async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, async (_, i) => readOrMakeSecret(path, () => `secret ${i}`)));
  expect(new Set(secrets).size).toBe(1);
  expect(await readdir(folder)).toEqual(["token.key"]);
});

test("gives one secret to all that make it at once, in several", async () => {
  const code = `
    import { readOrMakeSecret } from ${JSON.stringify(`${import.meta.dir}/secret_file.ts`)};
    process.stdout.write(await readOrMakeSecret(${JSON.stringify(path)}, () => crypto.randomUUID()));`;
  const secrets = await Promise.all(
    [1, 2, 3, 4].map(async () => new Response(Bun.spawn([process.execPath, "-e", code], { timeout: 30_000 }).stdout).text()),
  );
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toHaveLength(36);
});
