import { expect, test } from "bun:test";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { loadTokenKeys } from "./keys.ts";
import { testFolder } from "./testing.ts";

const key = (byte: number) => Buffer.alloc(32, byte).toString("base64url");

test("keys come from the configuration, the first to sign first", async () => {
  const keys = await loadTokenKeys({ DATA_DIR: "/nowhere", TOKEN_KEYS: `new:${key(1)},old-1:${key(2)}` });
  expect(keys.map(({ kid, secret }) => [kid, secret.length, secret[0]])).toEqual([
    ["new", 32, 1],
    ["old-1", 32, 2],
  ]);
});

test("keys are made once and kept where only their owner may read", async () => {
  await using folder = await testFolder();
  const config = { DATA_DIR: folder.path, TOKEN_KEYS: undefined };
  const [one, two] = await Promise.all([loadTokenKeys(config), loadTokenKeys(config)]);
  expect(one).toEqual(two);
  expect(one).toHaveLength(1);
  expect(one[0].secret).toHaveLength(32);
  expect((await stat(join(folder.path, "secrets", "token-keys"))).mode & 0o777).toBe(0o600);
});

test("keys in the file can be rotated by hand", async () => {
  await using folder = await testFolder();
  const config = { DATA_DIR: folder.path, TOKEN_KEYS: undefined };
  await loadTokenKeys(config);
  await writeFile(join(folder.path, "secrets", "token-keys"), `b:${key(2)},\n  a:${key(1)}\n`);
  expect((await loadTokenKeys(config)).map(({ kid }) => kid)).toEqual(["b", "a"]);
});

test("wrong keys are refused without being told", async () => {
  for (const TOKEN_KEYS of ["secretsecret", `a:${key(1)},a:${key(2)}`, `a:${key(1)},`, "a:secretsecret"]) {
    const error: unknown = await loadTokenKeys({ DATA_DIR: "/nowhere", TOKEN_KEYS }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "invalid-request" });
    expect(String(error)).not.toMatch(new RegExp(`secretsecret|${key(1)}`));
  }
});
