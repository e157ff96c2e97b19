import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { listFolder } from "./list_folder.ts";

// What every store's listing does is in test/contract/store.ts; here is what only a folder can hold.
const signal = new AbortController().signal;
const all = { prefix: "", after: "", limit: 1000 };
let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "sluice-list-"));
});
afterEach(async () => rm(base, { recursive: true }));

test("knows no strangers, no links, no empty folders, and nothing of tmp/", async () => {
  for (const path of ["tmp/1-x", "a b", "ä", "ab/cd/x", "lost+found/y"]) await Bun.write(join(base, path), "x");
  await mkdir(join(base, "ee/ff"), { recursive: true });
  await symlink("/etc/passwd", join(base, "ab/link"));
  expect((await listFolder(base, all, signal)).map(({ key }) => key)).toEqual(["ab/cd/x"]);
});

test("takes a root that is gone for a failure, not for an empty store", async () => {
  const failure = await listFolder(join(base, "gone"), all, signal).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "ENOENT" });
});
