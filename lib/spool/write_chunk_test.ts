import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAppError } from "../errors/mod.ts";
import { newId } from "../id/mod.ts";
import type { FaultPoint } from "../lifecycle/mod.ts";
import { createFiles } from "./create_files.ts";
import { type ChunkWrite, folderSpool, type Spool } from "./mod.ts";
import { spoolPaths } from "./spool_paths.ts";
import { WritePace } from "./write_pace.ts";

const never = new AbortController().signal;
const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

async function* bodyOf(...pieces: Uint8Array[]) {
  yield* pieces;
}

/** A body that goes on only when it is told to. */
function steppedBody(pieces: Uint8Array[]) {
  const steps = pieces.map(() => Promise.withResolvers<void>());
  const asked = pieces.map(() => Promise.withResolvers<void>());
  async function* body() {
    for (const [i, piece] of pieces.entries()) {
      asked[i]!.resolve();
      await steps[i]!.promise;
      yield piece;
    }
  }
  return { body: body(), go: (i: number) => steps[i]!.resolve(), asked: (i: number) => asked[i]!.promise };
}

describe("writing a chunk", () => {
  let root: string;
  let spool: Spool;
  let points: FaultPoint[];
  const id = newId();
  const chunk = (write: Partial<ChunkWrite>): ChunkWrite => ({
    id,
    index: 2,
    offset: 100,
    size: 100,
    body: bodyOf(filled(100, 7)),
    signal: never,
    ...write,
  });
  const bytes = async () => await readFile(spool.path(id));
  const entries = async () => (await spool.readLog(id)).entries;

  beforeEach(async () => {
    points = [];
    root = await mkdtemp(join(tmpdir(), "sluice-chunk-"));
    // So small that every piece of ten bytes or more is a disk write of its own.
    spool = await folderSpool(root, { fault: (point) => points.push(point), gather: { mostBytes: 10, leastBytes: 10 } });
    await spool.create(id, 300);
  });
  afterEach(async () => await rm(root, { recursive: true }));

  test("never puts a byte past its span, whatever comes", async () => {
    for (const pieces of [[filled(101, 9)], [filled(60, 9), filled(60, 9)], [filled(100, 9), filled(1, 9)]]) {
      const error = await spool.writeChunk(chunk({ body: bodyOf(...pieces) })).catch((e: unknown) => e);
      expect(isAppError(error, "wrong-chunk-size")).toBe(true);
      expect((await bytes()).subarray(200)).toEqual(Buffer.alloc(100));
    }
    expect(await entries()).toEqual([]);
  });

  test("lets go of a body that is too long without reading on", async () => {
    let pulled = 0;
    const endless = (async function* () {
      for (;;) {
        pulled++;
        yield filled(50, 1);
      }
    })();
    const error = await spool.writeChunk(chunk({ body: endless })).catch((e: unknown) => e);
    expect(isAppError(error, "wrong-chunk-size")).toBe(true);
    expect(pulled).toBe(3);
  });

  test("passes the fault points in order, each once", async () => {
    await spool.writeChunk(chunk({ body: bodyOf(...Array.from({ length: 10 }, () => filled(10, 1))) }));
    expect(points).toEqual(["chunk.mid-body", "chunk.before-log"]);
  });

  test("passes them also when the whole chunk is one write", async () => {
    await spool.writeChunk(chunk({}));
    expect(points).toEqual(["chunk.mid-body", "chunk.before-log"]);
  });

  test("a death before the log line leaves no line", async () => {
    const died = new Error("died");
    const dying = await folderSpool(root, {
      fault: (point) => {
        if (point === "chunk.before-log") throw died;
      },
    });
    expect(await dying.writeChunk(chunk({})).catch((e: unknown) => e)).toBe(died);
    expect(await entries()).toEqual([]);
  });

  test("rejects with the signal's reason at once while the body is awaited, and logs nothing", async () => {
    const { body, go, asked } = steppedBody([filled(50, 1), filled(50, 1)]);
    const controller = new AbortController();
    const reason = new Error("pre-empted");
    const written = spool.writeChunk(chunk({ body, signal: controller.signal })).catch((e: unknown) => e);
    go(0);
    await asked(1);
    controller.abort(reason);
    expect(await written).toBe(reason);
    go(1);
    expect(await entries()).toEqual([]);
  });

  test("an abort during the last disk write still drops the chunk", async () => {
    const controller = new AbortController();
    const reason = new Error("pre-empted");
    const aborting = await folderSpool(root, { fault: (point) => point === "chunk.mid-body" && controller.abort(reason) });
    expect(await aborting.writeChunk(chunk({ signal: controller.signal })).catch((e: unknown) => e)).toBe(reason);
    expect(await entries()).toEqual([]);
  });

  test("once it is rejected, nothing of it comes after the bytes of the one that pre-empted it", async () => {
    for (let round = 0; round < 30; round++) {
      const controller = new AbortController();
      const slow = (async function* () {
        for (let i = 0; i < 10; i++) {
          yield filled(10, 1);
          if (i === round % 10) setImmediate(() => controller.abort(new Error("pre-empted")));
        }
        await Bun.sleep(1000);
      })();
      await spool.writeChunk(chunk({ body: slow, signal: controller.signal })).catch(() => null);
      await spool.writeChunk(chunk({ body: bodyOf(filled(100, 2)) }));
      expect((await bytes()).subarray(100, 200)).toEqual(Buffer.alloc(100, 2));
    }
  });

  test("lets the error of a body that breaks through", async () => {
    const cut = new Error("connection cut");
    const broken = (async function* () {
      yield filled(50, 1);
      throw cut;
    })();
    expect(await spool.writeChunk(chunk({ body: broken })).catch((e: unknown) => e)).toBe(cut);
    expect(await entries()).toEqual([]);
  });

  test("a spool file made anew under a writer hears nothing of it", async () => {
    const { body, go, asked } = steppedBody([filled(50, 1), filled(50, 1)]);
    const written = spool.writeChunk(chunk({ body }));
    go(0);
    await asked(1);
    await createFiles(spoolPaths(root, id), 300, new WritePace());
    go(1);
    await written;
    expect(await bytes()).toEqual(Buffer.alloc(300));
    expect(await entries()).toEqual([]);
  });

  test("refuses a span that is none before it reads a byte", async () => {
    let pulled = false;
    const body = (async function* () {
      pulled = true;
      yield filled(100, 1);
    })();
    for (const bad of [{ index: 0 }, { index: 1.5 }, { offset: -1 }, { offset: Number.NaN }, { size: -1 }]) {
      const error = await spool.writeChunk(chunk({ body, ...bad })).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(RangeError);
    }
    expect(pulled).toBe(false);
  });
});
