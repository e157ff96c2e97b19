import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";
import type { Logs, Progress } from "#lib/progress/mod.ts";
import { folderSpool, type Spool } from "#lib/spool/mod.ts";

const { signal } = new AbortController();

async function* oneByte() {
  yield Uint8Array.of(7);
}

/** What every engine of progress must do. `open` opens one over the logs of a spool. */
export function progressContract(name: string, open: (log: Logs) => Promise<Progress>): void {
  describe(`progress: ${name}`, () => {
    let root: string;
    let spool: Spool;
    let progress: Progress;
    let id: string;

    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), "sluice-progress-"));
      spool = await folderSpool(root);
      progress = await open(spool);
      id = newId();
      await spool.create(id, 10_000);
    });
    afterEach(async () => {
      await progress.drop(id);
      await progress.close();
      await rm(root, { recursive: true });
    });

    /** As the gateway does it: the log line first, then the note. */
    const receive = async (...indexes: number[]) => {
      for (const index of indexes) {
        const { logged } = await spool.writeChunk({ id, index, offset: index - 1, size: 1, body: oneByte(), signal });
        progress.add(id, index, logged);
      }
    };
    const missing = async (chunkCount: number) => (await progress.received(id, chunkCount)).missing();

    test("says its engine and that it can be reached", async () => {
      expect(progress.engine).toMatch(/^[a-z]+$/);
      await progress.check(signal);
    });

    test("knows nothing of an upload without a log", async () => {
      const none = await progress.received(newId(), 3);
      expect([none.size, none.chunkCount, none.missing()]).toEqual([0, 3, [1, 2, 3]]);
    });

    test("an upload of no chunks is complete", async () => {
      expect((await progress.received(id, 0)).complete).toBe(true);
    });

    test("knows what it was told, in any order and however often", async () => {
      await receive(3, 1, 3);
      expect(await missing(4)).toEqual([2, 4]);
      await receive(4, 2);
      expect((await progress.received(id, 4)).complete).toBe(true);
    });

    test("reads an upload that it does not know from its log", async () => {
      await receive(1, 3);
      const other = await open(spool);
      expect((await other.received(id, 3)).missing()).toEqual([2]);
      await other.close();
    });

    test("loses nothing when it forgets", async () => {
      await receive(1, 3);
      expect(await missing(3)).toEqual([2]);
      await progress.drop(id);
      expect(await missing(3)).toEqual([2]);
      await progress.drop(id);
      await receive(2);
      expect(await missing(3)).toEqual([]);
    });

    test("says how the log looked while a chunk was missing, as long as it knows", async () => {
      expect(progress.stampWithout(newId(), 1)).toBeNull();
      await receive(1, 3);
      // One that it reads for the first time it looks at once more.
      await missing(3);
      await missing(3);
      expect(progress.stampWithout(id, 2)).toEqual(await spool.logStamp(id));
      expect(progress.stampWithout(id, 3)).toBeNull();
      await receive(2);
      expect(progress.stampWithout(id, 2)).toBeNull();
      await spool.reopen(id, 2);
      await missing(3);
      expect(progress.stampWithout(id, 2)).toEqual(await spool.logStamp(id));
      await progress.drop(id);
      expect(progress.stampWithout(id, 2)).toBeNull();
      progress.begin(id, 3, await spool.create(id, 3));
      expect(progress.stampWithout(id, 2)).toEqual(await spool.logStamp(id));
    });

    test("forgetting what it never knew is fine", async () => {
      await progress.drop(newId());
    });

    test("a chunk that is reopened is missing, until it comes again", async () => {
      await receive(1, 2);
      expect(await missing(2)).toEqual([]);
      await spool.reopen(id, 1);
      expect(await missing(2)).toEqual([1]);
      await receive(1);
      expect(await missing(2)).toEqual([]);
    });

    test("sees what another process writes to the log", async () => {
      await receive(1, 2);
      expect(await missing(3)).toEqual([3]);
      const module = Bun.resolveSync("#lib/spool/mod.ts", import.meta.dir);
      const script = `const { folderSpool } = await import(${JSON.stringify(module)});
        await (await folderSpool(${JSON.stringify(root)})).reopen("${id}", 2);`;
      const child = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", "inherit"] });
      expect(await child.exited).toBe(0);
      expect(await missing(3)).toEqual([2, 3]);
    });

    test("peeks at what received() says, where the log is", async () => {
      expect(await progress.peek(newId(), 3)).toBe(null);
      expect((await progress.peek(id, 3))?.missing()).toEqual([1, 2, 3]);
      await receive(1, 3);
      expect((await progress.peek(id, 3))?.missing()).toEqual([2]);
      (await progress.peek(id, 3))?.add(2);
      await spool.reopen(id, 1);
      expect((await progress.peek(id, 3))?.missing()).toEqual([1, 2]);
    });

    test("starts over with a log that was made anew and is longer than the one before, without being told", async () => {
      await receive(1, 2);
      expect(await missing(4)).toEqual([3, 4]);
      await spool.create(id, 10_000);
      await receive(2, 3, 4);
      expect(await missing(4)).toEqual([1]);
    });

    test("starts over with a log that was made anew and is just as long", async () => {
      await receive(1);
      expect(await missing(2)).toEqual([2]);
      await spool.create(id, 10_000);
      await receive(2);
      expect(await missing(2)).toEqual([1]);
    });

    test("starts over with a spool file that was made anew", async () => {
      await receive(1, 2, 3);
      expect(await missing(3)).toEqual([]);
      await spool.create(id, 10_000);
      await progress.drop(id);
      expect(await missing(3)).toEqual([1, 2, 3]);
      await receive(2);
      expect(await missing(3)).toEqual([1, 3]);
    });

    test("counts no record that is torn, and each that follows one", async () => {
      await receive(1);
      await appendFile(spool.path(id).replace(/data$/, "log"), "\n+ 2 1 0000");
      expect(await missing(3)).toEqual([2, 3]);
      await receive(3);
      expect(await missing(3)).toEqual([2]);
    });

    test("passes over chunks that the upload does not have", async () => {
      await receive(1, 9);
      expect(await missing(3)).toEqual([2, 3]);
    });

    test("gives each caller a copy of its own", async () => {
      await receive(1);
      (await progress.received(id, 2)).add(2);
      expect(await missing(2)).toEqual([2]);
    });

    test("is right for all that ask at once while chunks come in", async () => {
      const chunkCount = 100;
      const all = Array.from({ length: chunkCount }, async (_, i) => {
        await receive(i + 1);
        expect((await progress.received(id, chunkCount)).has(i + 1)).toBe(true);
      });
      await Promise.all(all);
      expect(await missing(chunkCount)).toEqual([]);
    });

    test("holds an upload of 10,000 chunks", async () => {
      const indexes = Array.from({ length: 10_000 }, (_, i) => i + 1).filter((index) => index !== 5000);
      for (let at = 0; at < indexes.length; at += 50) {
        await Promise.all(indexes.slice(at, at + 50).map((index) => receive(index)));
      }
      expect(await missing(10_000)).toEqual([5000]);
      await progress.drop(id);
      expect(await missing(10_000)).toEqual([5000]);
    });
  });
}
