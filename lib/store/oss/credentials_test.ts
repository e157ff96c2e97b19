import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { credentialsOf } from "./credentials.ts";
import { parseOssUrl } from "./oss_url.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-credentials-"));
  path = join(folder, "sts.json");
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const fromFile = () => credentialsOf(parseOssUrl(`oss:https://host/sluice?region=r&credentialsFile=${path}`));
const write = async (n: number) =>
  Bun.write(path, JSON.stringify({ AccessKeyId: `ID${n}`, AccessKeySecret: "HUSH", SecurityToken: "T", Expiration: "2026" }));

test("are those of the URL, with its token", async () => {
  const current = credentialsOf(parseOssUrl("oss:https://KEY:SECRET@host/sluice?region=r&securityToken=T"));
  expect(await current()).toEqual({ accessKeyId: "KEY", accessKeySecret: "SECRET", securityToken: "T" });
});

test("are those of the file, read again after a while", async () => {
  const now = jest.spyOn(performance, "now").mockReturnValue(1000);
  await write(1);
  const current = fromFile();
  expect(await current()).toEqual({ accessKeyId: "ID1", accessKeySecret: "HUSH", securityToken: "T" });
  await write(2);
  expect((await current()).accessKeyId).toBe("ID1");
  now.mockReturnValue(7000);
  expect((await current()).accessKeyId).toBe("ID2");
});

test("of a file that is not there, or not understood, are unavailable until it is; no error tells what is in it", async () => {
  const current = fromFile();
  const error = async () => current().catch((error: unknown) => error);
  expect(await error()).toMatchObject({ code: "unavailable", message: expect.stringContaining("ENOENT") });
  for (const text of ["HUSH", '{"AccessKeyId":"ID","AccessKeySecret":"HUSH"', '{"AccessKeySecret":"HUSH"}']) {
    await Bun.write(path, text);
    const said = await error();
    expect(said).toMatchObject({ code: "unavailable", message: expect.stringContaining("must be JSON") });
    expect(Bun.inspect(said)).not.toContain("HUSH");
  }
  await write(3);
  expect((await current()).accessKeyId).toBe("ID3");
});
