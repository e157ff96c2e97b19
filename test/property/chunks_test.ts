import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import * as fc from "fast-check";

import { newId } from "#lib/id/mod.ts";
import { memoryProgress } from "#lib/progress/mod.ts";
import { folderSpool, type LogEntry, type Spool } from "#lib/spool/mod.ts";

/** How one sending of a chunk goes. */
type Ending = "whole" | "at-once" | "aborted" | "cut" | "short" | "long";

interface Attempt {
  index: number;
  ending: Ending;
  pieceBytes: number;
  /** Bytes sent before what ends it. */
  until: number;
}

const chunkBytes = 500;
const chunkCount = 6;
const size = chunkBytes * (chunkCount - 1) + 123;
const content = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) % 256);
const spanOf = (index: number) => ({
  offset: (index - 1) * chunkBytes,
  size: Math.min(chunkBytes, size - (index - 1) * chunkBytes),
});
const bytesOf = (index: number) => content.subarray(spanOf(index).offset, spanOf(index).offset + spanOf(index).size);

const attempt: fc.Arbitrary<Attempt> = fc.record({
  index: fc.integer({ min: 1, max: chunkCount }),
  ending: fc.constantFrom<Ending>("whole", "whole", "at-once", "aborted", "cut", "short", "long"),
  pieceBytes: fc.integer({ min: 1, max: 600 }),
  until: fc.nat(chunkBytes - 1),
});

/** Sends right bytes only: what an attempt that fails has left must be the same bytes as of one that does not. */
async function* bodyOf({ index, ending, pieceBytes, until }: Attempt, controller: AbortController) {
  const bytes = bytesOf(index);
  const stop = ending === "whole" || ending === "long" ? bytes.length : until % bytes.length;
  for (let at = 0; at < stop; at += pieceBytes) {
    if (at % 3 === 0) await Bun.sleep(0);
    yield bytes.slice(at, Math.min(at + pieceBytes, stop));
  }
  if (ending === "long") yield Uint8Array.of(1, 2, 3);
  if (ending === "cut") throw new Error("connection cut");
  if (ending !== "aborted") return;
  controller.abort(new Error("aborted"));
  await new Promise(() => {});
}

/** @returns whether the chunk was acknowledged. */
async function send(spool: Spool, id: string, attempt: Attempt): Promise<boolean> {
  const controller = new AbortController();
  const { index, ending } = attempt;
  if (ending === "at-once") {
    const onto = await spool.logStamp(id);
    return onto !== null && spool.writeAtOnce({ id, index, ...spanOf(index), bytes: bytesOf(index), onto }) !== null;
  }
  const write = { id, index, ...spanOf(index), body: bodyOf(attempt, controller), signal: controller.signal };
  return await spool.writeChunk(write).then(
    () => true,
    () => false,
  );
}

/** Runs the attempts in their order, `parallel` at a time. @returns the chunks acknowledged. */
async function sendAll(spool: Spool, id: string, attempts: Attempt[], parallel: number): Promise<Set<number>> {
  const acknowledged = new Set<number>();
  const queue = attempts.values();
  const sender = async () => {
    for (const attempt of queue) if (await send(spool, id, attempt)) acknowledged.add(attempt.index);
  };
  await Promise.all(Array.from({ length: parallel }, sender));
  return acknowledged;
}

describe("chunks sent in any order, in parallel, again, and in vain", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "sluice-property-"));
  });
  afterAll(async () => await rm(root, { recursive: true }));

  test("give the same bytes, and a log of just those that were acknowledged", async () => {
    const attempts = fc.array(attempt, { maxLength: 24 });
    const gather = fc.integer({ min: 1, max: 700 });
    await fc.assert(
      fc.asyncProperty(attempts, fc.integer({ min: 1, max: 8 }), gather, async (attempts, parallel, mostBytes) => {
        const spool = await folderSpool(root, { gather: { mostBytes, leastBytes: 1 } });
        const id = newId();
        await spool.create(id, size);

        const acknowledged = await sendAll(spool, id, attempts, parallel);
        const entries = (await spool.readLog(id)).entries.map((entry) => (entry.kind === "received" ? entry : null));
        expect(new Set(entries.map((entry) => entry?.index ?? 0))).toEqual(acknowledged);
        expect(attempts.filter(({ ending }) => ending === "whole").every(({ index }) => acknowledged.has(index))).toBe(true);
        for (const entry of entries) expect(entry).toEqual(entryOf(entry?.index ?? 0));

        const missing = (await memoryProgress(spool).received(id, chunkCount)).missing();
        const rest = missing.map((index): Attempt => ({ index, ending: "whole", pieceBytes: 64, until: 0 }));
        await sendAll(spool, id, rest, parallel);
        expect((await memoryProgress(spool).received(id, chunkCount)).complete).toBe(true);
        expect(await Bun.file(spool.path(id)).bytes()).toEqual(content);
        await spool.remove(id);
      }),
      { numRuns: 150 },
    );
  });
});

function entryOf(index: number): Extract<LogEntry, { kind: "received" }> {
  return { kind: "received", index, size: spanOf(index).size, crc32: crc32(bytesOf(index)) };
}
