import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "../id/mod.ts";
import { createFiles } from "./create_files.ts";
import type { ChunkAtOnce } from "./port.ts";
import { readLog } from "./read_log.ts";
import { type SpoolPaths, spoolPaths } from "./spool_paths.ts";
import { writeAtOnce } from "./write_at_once.ts";
import { WritePace } from "./write_pace.ts";

let root: string;
let paths: SpoolPaths;
let write: ChunkAtOnce;
let pace: WritePace;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-at-once-"));
  const id = newId();
  paths = spoolPaths(root, id);
  pace = new WritePace();
  const { stamp: onto } = await createFiles(paths, 8, pace);
  write = { id, index: 1, offset: 2, size: 3, bytes: Uint8Array.of(7, 8, 9), onto };
});
afterEach(async () => await rm(root, { recursive: true }));

const entries = async () => (await readLog(paths.log, 0, pace)).entries;

test("passes the fault points in order, each once", async () => {
  const points: string[] = [];
  expect(writeAtOnce(paths, write, { pace, fault: (point) => void points.push(point) })).not.toBeNull();
  expect(points).toEqual(["chunk.mid-body", "chunk.before-log"]);
});

test("a death before the log line leaves no line", async () => {
  const fault = (point: string) => {
    if (point === "chunk.before-log") throw new Error("killed");
  };
  expect(() => writeAtOnce(paths, write, { pace, fault })).toThrow("killed");
  expect(await entries()).toEqual([]);
});

test("does nothing on the loop while the disk is slow", async () => {
  pace.took(10_000);
  expect(writeAtOnce(paths, write, { pace, fault: () => {} })).toBeNull();
  expect([await entries(), await Bun.file(paths.data).bytes()]).toEqual([[], new Uint8Array(8)]);
});

test("refuses a span that is none", () => {
  for (const wrong of [{ index: 0 }, { offset: -1 }, { size: 1.5 }]) {
    expect(() => writeAtOnce(paths, { ...write, ...wrong }, { pace, fault: () => {} })).toThrow(RangeError);
  }
});
