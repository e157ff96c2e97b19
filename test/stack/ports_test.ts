import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openPorts } from "./ports.ts";

let parent: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "sluice-ports-"));
});
afterAll(async () => {
  await rm(parent, { recursive: true });
});

async function folder(name: string): Promise<string> {
  await mkdir(join(parent, name));
  return join(parent, name);
}

describe("the ports of a folder", () => {
  test("are the same each time, one for each name", async () => {
    const dir = await folder("kept");
    const ports = await openPorts(dir);
    const given = await Promise.all([ports.port("a"), ports.port("b"), ports.port("a")]);
    expect(new Set(given).size).toBe(2);
    expect(await (await openPorts(dir)).port("b")).toBe(given[1]);
  });

  test("are no other folder's, though nothing listens on them yet", async () => {
    const dirs = await Promise.all(Array.from({ length: 100 }, (_, index) => folder(`${index}`)));
    const given = await Promise.all(dirs.map(async (dir) => await (await openPorts(dir)).port("a")));
    Bun.gc(true);
    const later = await (await openPorts(await folder("later"))).port("a");
    expect(new Set([...given, later]).size).toBe(101);
  });
});
