import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { formatLogLine } from "./log_line.ts";
import { readLog } from "./read_log.ts";

const record = (index: number) => `\n${formatLogLine({ kind: "reopened", index })}`;
const entry = (index: number) => ({ kind: "reopened" as const, index });

describe("reading a chunk log", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-log-"));
    path = join(folder, "a.log");
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  test("finds nothing where there is none, from wherever it is read", async () => {
    expect(await readLog(path, 0)).toEqual({ entries: [], end: 0 });
    expect(await readLog(path, 100)).toEqual({ entries: [], end: 0 });
  });

  test("goes on from where it ended", async () => {
    await appendFile(path, record(1));
    const first = await readLog(path, 0);
    expect(await readLog(path, first.end)).toEqual({ entries: [], end: first.end });
    await appendFile(path, record(2));
    expect(await readLog(path, first.end)).toEqual({ entries: [entry(2)], end: first.end + record(2).length });
  });

  test("reads a torn tail again, and what comes after it", async () => {
    await appendFile(path, `${record(1)}${record(2).slice(0, 5)}`);
    const first = await readLog(path, 0);
    expect(first).toEqual({ entries: [entry(1)], end: record(1).length });
    expect(await readLog(path, first.end)).toEqual({ entries: [], end: first.end });
    await appendFile(path, record(3));
    expect((await readLog(path, first.end)).entries).toEqual([entry(3)]);
  });

  test("says end 0 of a log that is shorter than it was", async () => {
    await appendFile(path, record(1) + record(2));
    const { end } = await readLog(path, 0);
    await truncate(path, record(1).length);
    expect(await readLog(path, end)).toEqual({ entries: [], end: 0 });
  });
});
