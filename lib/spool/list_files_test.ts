import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "../id/mod.ts";
import { listFiles } from "./list_files.ts";
import { WritePace } from "./write_pace.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-list-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

test("lists the same on the loop and off it, and lets others have their turn", async () => {
  const ids = Array.from({ length: 200 }, newId).toSorted();
  for (const id of ids) await writeFile(join(folder, `${id}.data`), "bytes");
  await writeFile(join(folder, "README"), "not of the spool");
  const pace = new WritePace();
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  const onLoop = await listFiles(folder, pace);
  clearInterval(counting);
  expect(onLoop.map(({ id }) => id)).toEqual(ids);
  expect(turns).toBeGreaterThan(0);
  pace.took(1000);
  expect(await listFiles(folder, pace)).toEqual(onLoop);
});
