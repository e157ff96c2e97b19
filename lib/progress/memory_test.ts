import { describe, expect, test } from "bun:test";

import { newId } from "../id/mod.ts";
import type { LogEntry, Logged, LogStamp, NewLog } from "../spool/mod.ts";
import { memoryProgress } from "./memory.ts";
import type { Logs } from "./port.ts";

const noStamp: LogStamp = { file: "", size: 0, changedAt: 0 };

/** Logs in memory, one byte an entry, that note every reading. */
function memoryLogs() {
  const logs = new Map<string, LogEntry[]>();
  const borns = new Map<string, string>();
  const make = (id: string, ...entries: LogEntry[]) => {
    borns.set(id, newId());
    logs.set(id, entries);
  };
  const reads: [id: string, from: number][] = [];
  const log: Logs = {
    async readLog(id, from = 0) {
      reads.push([id, from]);
      await Promise.resolve();
      const entries = logs.get(id) ?? [];
      const born = borns.get(id) ?? null;
      return entries.length < from ? { entries: [], end: 0, born } : { entries: entries.slice(from), end: entries.length, born };
    },
    async logStamp(id) {
      return stampOf(id);
    },
  };
  const stampOf = (id: string): LogStamp | null => {
    const born = borns.get(id);
    return born === undefined ? null : { file: born, size: logs.get(id)?.length ?? 0, changedAt: 0 };
  };
  const append = (id: string, ...entries: LogEntry[]) => {
    if (!logs.has(id)) make(id);
    logs.get(id)?.push(...entries);
  };
  /** As the spool tells of a log that it has made, and of a record that it has appended. */
  const made = (id: string): NewLog => {
    make(id);
    return { born: borns.get(id) ?? "", stamp: stampOf(id) ?? noStamp };
  };
  const logged = (id: string, ...entries: LogEntry[]): Logged => {
    append(id, ...entries);
    return { bytes: entries.length, stamp: stampOf(id) ?? noStamp };
  };
  return { log, logs, make, reads, append, made, logged };
}

const received = (index: number): LogEntry => ({ kind: "received", index, size: 1, crc32: 0 });
const reopened = (index: number): LogEntry => ({ kind: "reopened", index });

describe("progress in memory", () => {
  test("reads of a log only what was added", async () => {
    const { log, reads, append } = memoryLogs();
    const progress = memoryProgress(log);
    append("a", received(1), received(2));
    await progress.received("a", 3);
    append("a", reopened(2));
    expect((await progress.received("a", 3)).missing()).toEqual([2, 3]);
    expect(reads).toEqual([
      ["a", 0],
      ["a", 2],
    ]);
  });

  test("reads nothing of a log that it was told all of", async () => {
    const { log, reads, made, logged } = memoryLogs();
    const progress = memoryProgress(log);
    progress.begin("a", 3, made("a"));
    expect((await progress.received("a", 3)).missing()).toEqual([1, 2, 3]);
    for (const index of [3, 1]) progress.add("a", index, logged("a", received(index)));
    expect((await progress.received("a", 3)).missing()).toEqual([2]);
    expect(reads).toEqual([]);
  });

  test("reads what came before or after that which it was told", async () => {
    const { log, reads, made, append, logged } = memoryLogs();
    const progress = memoryProgress(log);
    progress.begin("a", 3, made("a"));
    append("a", received(1));
    progress.add("a", 2, logged("a", received(2)));
    expect((await progress.received("a", 3)).missing()).toEqual([3]);
    progress.add("a", 3, logged("a", received(3)));
    append("a", reopened(2));
    expect((await progress.received("a", 3)).missing()).toEqual([2]);
    expect(reads.length).toBe(2);
  });

  test("is not fooled by a note that comes after the chunk was reopened", async () => {
    const { log, append, made, logged } = memoryLogs();
    const progress = memoryProgress(log);
    progress.begin("a", 2, made("a"));
    const [one, two] = [logged("a", received(1)), logged("a", received(2))];
    append("a", reopened(1));
    await progress.received("a", 2);
    progress.add("a", 1, one);
    progress.add("a", 2, two);
    expect((await progress.received("a", 2)).missing()).toEqual([1]);
  });

  test("is not fooled by a note of another log", async () => {
    const { log, make, made, logged } = memoryLogs();
    const progress = memoryProgress(log);
    progress.begin("a", 2, made("a"));
    const old = logged("a", received(1));
    make("a");
    await progress.received("a", 2);
    progress.add("a", 1, old);
    expect((await progress.received("a", 2)).missing()).toEqual([1, 2]);
  });

  test("is not fooled by a note of what came while it read", async () => {
    const { log, made, append, logged } = memoryLogs();
    const progress = memoryProgress(log);
    progress.begin("a", 3, made("a"));
    append("a", received(2));
    const reading = progress.received("a", 3);
    // After its stamp was asked for, and before it is read.
    const one = logged("a", received(1));
    append("a", reopened(1));
    expect((await reading).missing()).toEqual([1, 3]);
    progress.add("a", 1, one);
    expect((await progress.received("a", 3)).missing()).toEqual([1, 3]);
  });

  test("is not fooled by a note that comes while it reads", async () => {
    const { log, made, append, logged } = memoryLogs();
    const progress = memoryProgress(log);
    progress.begin("a", 3, made("a"));
    append("a", received(2));
    const reading = progress.received("a", 3);
    progress.add("a", 3, logged("a", received(3)));
    expect((await reading).missing()).toEqual([1]);
    append("a", reopened(3));
    expect((await progress.received("a", 3)).missing()).toEqual([1, 3]);
  });

  test("sees what was logged before it was asked, however many ask at once", async () => {
    const { log, reads, append } = memoryLogs();
    const progress = memoryProgress(log);
    const asked = Array.from({ length: 200 }, async (_, i) => {
      append("a", received(i + 1));
      expect((await progress.received("a", 200)).has(i + 1)).toBe(true);
    });
    await Promise.all(asked);
    expect(reads.length).toBe(2);
  });

  test("starts over when the log became shorter, even without being told", async () => {
    const { log, logs, append } = memoryLogs();
    const progress = memoryProgress(log);
    append("a", received(1), received(2));
    await progress.received("a", 3);
    logs.set("a", [received(3)]);
    expect((await progress.received("a", 3)).missing()).toEqual([1, 2]);
    append("a", received(2));
    expect((await progress.received("a", 3)).missing()).toEqual([1]);
  });

  test("starts over when another log is there, however long it is", async () => {
    const { log, make, append } = memoryLogs();
    const progress = memoryProgress(log);
    append("a", received(1), received(2));
    await progress.received("a", 3);
    make("a", received(2), received(3));
    expect((await progress.received("a", 3)).missing()).toEqual([1]);
    make("a", received(1), received(1), received(1), received(3));
    expect((await progress.received("a", 3)).missing()).toEqual([2]);
  });

  test("remembers nothing of uploads that have no log here", async () => {
    const { log, reads, append } = memoryLogs();
    const progress = memoryProgress(log, { uploads: 2 });
    append("a", received(1));
    await progress.received("a", 1);
    for (const id of ["b", "c", "d"]) expect(await progress.peek(id, 1)).toBe(null);
    expect((await progress.peek("a", 1))?.complete).toBe(true);
    expect(reads.filter(([id]) => id === "a")).toEqual([
      ["a", 0],
      ["a", 1],
    ]);
  });

  test("reads a log again only once it has news", async () => {
    const { log, reads, append, make } = memoryLogs();
    const progress = memoryProgress(log);
    append("a", received(1));
    const ask = async (times: number) => {
      for (let i = 0; i < times; i++) await progress.received("a", 3);
      return (await progress.received("a", 3)).missing();
    };
    expect(await ask(5)).toEqual([2, 3]);
    // The first time it is not known yet which version was read.
    expect(reads.splice(0).length).toBe(2);
    append("a", received(2));
    expect(await ask(5)).toEqual([3]);
    expect(reads.splice(0).length).toBe(1);
    make("a", received(3), received(1));
    expect(await ask(5)).toEqual([2]);
  });

  test("remembers so many uploads, and forgets the one not asked for longest", async () => {
    const { log, reads, append } = memoryLogs();
    const progress = memoryProgress(log, { uploads: 2 });
    for (const id of ["a", "b", "c"]) append(id, received(1));
    for (const id of ["a", "b", "a", "c", "a", "b"]) expect((await progress.received(id, 1)).complete).toBe(true);
    const fromStart = reads.filter(([, from]) => from === 0).map(([id]) => id);
    expect(fromStart).toEqual(["a", "b", "c", "b"]);
  });

  test("tells of a log that cannot be read, and reads it again next time", async () => {
    const { log, append } = memoryLogs();
    const broken = new Error("EIO");
    let fails = true;
    const progress = memoryProgress({
      ...log,
      readLog: async (id, from) => {
        if (fails) throw broken;
        return await log.readLog(id, from);
      },
    });
    append("a", received(1));
    expect(await progress.received("a", 1).catch((e: unknown) => e)).toBe(broken);
    fails = false;
    expect((await progress.received("a", 1)).complete).toBe(true);
  });
});
