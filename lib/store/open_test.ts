import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { openStore } from "./open.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "sluice-open-"));
});
afterEach(async () => rm(dataDir, { recursive: true }));

test("is a folder in the data folder by default", async () => {
  const store = await openStore({ dataDir });
  expect(store.path("ab/cd/x")).toBe(join(dataDir, "store/ab/cd/x"));
});

test("is the folder that a file: URL names", async () => {
  const store = await openStore({ dataDir, url: pathToFileURL(join(dataDir, "else where")).href });
  expect(store.path("ab/cd/x")).toBe(join(dataDir, "else where/ab/cd/x"));
});

test.each(["file:store", "file:./store", "file://host/store", "file:///"])(
  "refuses %s, which is no absolute path",
  async (url) => {
    expect(await openStore({ dataDir, url }).catch((error: unknown) => error)).toMatchObject({ code: "invalid-request" });
  },
);

test("refuses a store it does not know, without repeating its keys", async () => {
  const error: unknown = await openStore({ dataDir, url: "fdfs://key:secret@host/bucket" }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: "invalid-request", message: expect.stringContaining("fdfs:") });
  expect(String(error)).not.toContain("secret");
});
