import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newLogHeader } from "./log_header.ts";
import { formatLogLine } from "./log_line.ts";
import { readLog as readPaced } from "./read_log.ts";
import { WritePace } from "./write_pace.ts";

const record = (index: number) => `\n${formatLogLine({ kind: "reopened", index })}`;
const entry = (index: number) => ({ kind: "reopened" as const, index });

describe.each(["on the loop", "in a thread"])("reading a chunk log %s", (where) => {
  const pace = new WritePace();
  const readLog = async (log: string, from: number) => {
    if (where === "in a thread") pace.took(1000);
    return await readPaced(log, from, pace);
  };
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-log-"));
    path = join(folder, "a.log");
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  test("finds nothing where there is none, from wherever it is read", async () => {
    expect(await readLog(path, 0)).toEqual({ entries: [], end: 0, born: null });
    expect(await readLog(path, 100)).toEqual({ entries: [], end: 0, born: null });
  });

  test("finds nothing in one that is empty", async () => {
    await writeFile(path, "");
    expect(await readLog(path, 0)).toEqual({ entries: [], end: 0, born: expect.stringMatching(/^.{26,}$/) });
  });

  test("goes on from where it ended", async () => {
    await appendFile(path, record(1));
    const first = await readLog(path, 0);
    expect(await readLog(path, first.end)).toEqual({ entries: [], end: first.end, born: first.born });
    await appendFile(path, record(2));
    expect(await readLog(path, first.end)).toEqual({ entries: [entry(2)], end: first.end + record(2).length, born: first.born });
  });

  test("reads a torn tail again, and what comes after it", async () => {
    await appendFile(path, `${record(1)}${record(2).slice(0, 5)}`);
    const first = await readLog(path, 0);
    expect(first).toMatchObject({ entries: [entry(1)], end: record(1).length });
    expect(await readLog(path, first.end)).toEqual({ entries: [], end: first.end, born: first.born });
    await appendFile(path, record(3));
    expect((await readLog(path, first.end)).entries).toEqual([entry(3)]);
  });

  test("says end 0 of a log that is shorter than it was", async () => {
    await appendFile(path, record(1) + record(2));
    const { end, born } = await readLog(path, 0);
    await truncate(path, record(1).length);
    expect(await readLog(path, end)).toEqual({ entries: [], end: 0, born });
  });

  test("says which log it is by its header, whatever file it lies in", async () => {
    const header = newLogHeader();
    await writeFile(path, header + record(1));
    const first = await readLog(path, 0);
    expect(first).toEqual({ entries: [entry(1)], end: header.length + record(1).length, born: header.slice(3, 29) });
    await writeFile(path, newLogHeader() + record(1));
    const second = await readLog(path, first.end);
    expect(second.end).toBe(first.end);
    expect(String(second.born) > String(first.born)).toBe(true);
  });

  test("a log without a header sorts before every one that has one, and keeps its name while it grows", async () => {
    await appendFile(path, record(1));
    const { born } = await readLog(path, 0);
    await appendFile(path, record(2));
    expect((await readLog(path, 0)).born).toBe(born);
    expect(String(born) < newLogHeader().slice(3, 29)).toBe(true);
  });
});
