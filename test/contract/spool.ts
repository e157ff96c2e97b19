import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { crc32 } from "node:zlib";

import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { memoryProgress } from "#lib/progress/mod.ts";
import { type ChunkAtOnce, type ChunkWrite, digestsIn, isSameStamp, type LogStamp, type Spool } from "#lib/spool/mod.ts";

/** A spool of its own for each test, and how to be rid of it. */
export interface OpenedSpool {
  spool: Spool;
  close: () => Promise<void>;
}

const { signal } = new AbortController();
const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

async function* bodyOf(...pieces: Uint8Array[]) {
  yield* pieces;
}

/** Yields a piece and then waits for ever, as a client does that has gone to sleep. */
async function* stalledBody() {
  yield filled(10, 1);
  await new Promise(() => {});
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  return isAppError(error) ? error.code : error;
}

/** What every spool must do. */
export function spoolContract(name: string, open: () => Promise<OpenedSpool>): void {
  describe(`spool: ${name}`, () => {
    let spool: Spool;
    let close: () => Promise<void>;
    let id: string;
    beforeEach(async () => {
      ({ spool, close } = await open());
      id = newId();
    });
    afterEach(async () => await close());

    const bytes = async (of = id) => new Uint8Array(await Bun.file(spool.path(of)).arrayBuffer());
    const entries = async () => (await spool.readLog(id)).entries;
    const chunk = (write: Partial<ChunkWrite> = {}): ChunkWrite => ({
      id,
      index: 2,
      offset: 100,
      size: 100,
      body: bodyOf(filled(60, 5), filled(40, 6)),
      signal,
      ...write,
    });

    const chunkAtOnce = (onto: LogStamp, write: Partial<ChunkAtOnce> = {}): ChunkAtOnce => ({
      id,
      index: 2,
      offset: 100,
      size: 100,
      bytes: filled(100, 5),
      onto,
      ...write,
    });

    test("makes a file of its size that reads as zeros, and an empty log", async () => {
      await spool.create(id, 1000);
      expect(await spool.has(id, 1000)).toBe(true);
      expect(await spool.has(id, 999)).toBe(false);
      expect(await bytes()).toEqual(new Uint8Array(1000));
      expect(await spool.readLog(id)).toEqual({ entries: [], end: 0, born: expect.stringMatching(/^.{26,}$/) });
    });

    test("writes a chunk at its place and logs it with its CRC-32", async () => {
      await spool.create(id, 300);
      const record = { index: 2, size: 100, crc32: crc32(Buffer.concat([filled(60, 5), filled(40, 6)])) };
      expect((await spool.writeChunk(chunk())).record).toEqual(record);
      expect(await bytes()).toEqual(Uint8Array.of(...filled(100, 0), ...filled(60, 5), ...filled(40, 6), ...filled(100, 0)));
      expect(await entries()).toEqual([{ kind: "received", ...record }]);
    });

    test("checks what the client announced, and logs nothing that differs", async () => {
      await spool.create(id, 300);
      const body = filled(100, 1);
      const digest = new Bun.CryptoHasher("sha1").update(body).digest();
      const good = { algorithm: "sha1", digest } as const;
      expect(await codeOf(spool.writeChunk(chunk({ checksum: good })))).toBe("checksum-mismatch");
      expect(await entries()).toEqual([]);
      await spool.writeChunk(chunk({ body: bodyOf(body), checksum: good }));
      expect(await entries()).toMatchObject([{ index: 2, size: 100 }]);
    });

    test("refuses a chunk that is too long or too short, and logs nothing", async () => {
      await spool.create(id, 300);
      for (const length of [0, 99, 101]) {
        expect(await codeOf(spool.writeChunk(chunk({ body: bodyOf(filled(length, 1)) })))).toBe("wrong-chunk-size");
      }
      expect(await entries()).toEqual([]);
      expect((await bytes()).subarray(200)).toEqual(new Uint8Array(100));
    });

    test("drops a chunk whose body stalls when it is told to", async () => {
      await spool.create(id, 300);
      const reason = new Error("pre-empted");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 10);
      expect(await codeOf(spool.writeChunk(chunk({ body: stalledBody(), signal: controller.signal })))).toBe(reason);
      expect(await codeOf(spool.writeChunk(chunk({ signal: AbortSignal.abort(reason) })))).toBe(reason);
      expect(await entries()).toEqual([]);
    });

    test("says content-lost where there is no file", async () => {
      expect(await codeOf(spool.writeChunk(chunk()))).toBe("content-lost");
      expect(await codeOf(spool.reopen(id, 1))).toBe("content-lost");
      expect(await codeOf(spool.noteDigests(id, []))).toBe("content-lost");
      expect(await codeOf(spool.sync(id))).toBe("content-lost");
      expect(await spool.has(id, 0)).toBe(false);
      expect(await spool.readLog(id)).toEqual({ entries: [], end: 0, born: null });
    });

    test("keeps what spans hash to in the log, beside the chunks, until the bytes change", async () => {
      await spool.create(id, 300);
      await spool.writeChunk(chunk());
      const digests = [0, 200].map((offset) => ({ offset, length: 100, md5: "00112233445566778899aabbccddeeff" }));
      await spool.noteDigests(id, []);
      await spool.noteDigests(id, digests);
      expect((await entries()).map(({ kind }) => kind)).toEqual(["received", "digested", "digested"]);
      expect(digestsIn(await entries())).toEqual(digests);
      expect((await memoryProgress(spool).received(id, 3)).missing()).toEqual([1, 3]);
      await spool.reopen(id, 2);
      expect(digestsIn(await entries())).toEqual([]);
    });

    test("keeps the log in the order of what happened, and reads its tail", async () => {
      await spool.create(id, 300);
      await spool.writeChunk(chunk());
      const { end } = await spool.readLog(id);
      await spool.reopen(id, 2);
      await spool.writeChunk(chunk());
      const tail = await spool.readLog(id, end);
      expect(tail.entries.map(({ kind }) => kind)).toEqual(["reopened", "received"]);
      expect(await spool.readLog(id, tail.end)).toEqual({ entries: [], end: tail.end, born: tail.born });
      expect((await entries()).length).toBe(3);
    });

    test("tells by its stamp that a log has changed", async () => {
      expect(await spool.logStamp(id)).toBeNull();
      const stamps: (LogStamp | null)[] = [];
      for (const change of [
        () => spool.create(id, 300),
        () => spool.writeChunk(chunk()),
        () => spool.reopen(id, 2),
        () => spool.writeChunk(chunk()),
        () => spool.create(id, 300),
      ]) {
        await change();
        const stamp = await spool.logStamp(id);
        expect(stamps.some((earlier) => isSameStamp(earlier, stamp))).toBe(false);
        stamps.push(stamp);
        await spool.readLog(id);
        expect(isSameStamp(await spool.logStamp(id), stamp)).toBe(true);
      }
      await spool.remove(id);
      expect(await spool.logStamp(id)).toBeNull();
    });

    test("says which log it made, and how a record went into it", async () => {
      const { born, stamp: empty } = await spool.create(id, 300);
      expect((await spool.readLog(id)).born).toBe(born);
      expect(await spool.logStamp(id)).toEqual(empty);
      const { logged } = await spool.writeChunk(chunk());
      expect(await spool.logStamp(id)).toEqual(logged.stamp);
      expect([logged.stamp.file, logged.stamp.size]).toEqual([empty.file, empty.size + logged.bytes]);
      expect((await spool.readLog(id)).end).toBe(logged.stamp.size);
    });

    test("writes a chunk at once as in turn", async () => {
      const { stamp: onto } = await spool.create(id, 300);
      const written = spool.writeAtOnce(chunkAtOnce(onto));
      const record = { index: 2, size: 100, crc32: crc32(filled(100, 5)) };
      expect(written?.record).toEqual(record);
      expect(await bytes()).toEqual(Uint8Array.of(...filled(100, 0), ...filled(100, 5), ...filled(100, 0)));
      expect(await entries()).toEqual([{ kind: "received", ...record }]);
      const stamp = (await spool.logStamp(id)) ?? onto;
      expect(written?.logged).toEqual({ bytes: stamp.size - onto.size, stamp });
    });

    test("writes nothing at once onto a log that looks different, and says nothing of what is gone", async () => {
      const { stamp: onto } = await spool.create(id, 300);
      const atOnce = (stamp: LogStamp) => spool.writeAtOnce(chunkAtOnce(stamp));
      const { logged } = await spool.writeChunk(chunk({ index: 1, offset: 0 }));
      expect(atOnce(onto)).toBeNull();
      expect(atOnce({ ...logged.stamp, file: onto.file, changedAt: onto.changedAt - 1 })).toBeNull();
      await spool.create(id, 300);
      expect(atOnce(logged.stamp)).toBeNull();
      expect([await entries(), await bytes()]).toEqual([[], filled(300, 0)]);
      await rm(spool.path(id));
      expect(atOnce((await spool.logStamp(id)) ?? onto)).toBeNull();
      expect(await entries()).toEqual([]);
      await spool.remove(id);
      expect(atOnce(onto)).toBeNull();
      expect(await spool.list()).toEqual([]);
    });

    test("refuses at once what is not as announced, and writes nothing of it", async () => {
      const { stamp: onto } = await spool.create(id, 300);
      const other = { algorithm: "sha1", digest: new Bun.CryptoHasher("sha1").update("other").digest() } as const;
      const refused = [{ bytes: filled(99, 1) }, { bytes: filled(101, 1) }, { bytes: filled(100, 1), checksum: other }];
      const codes = refused.map(async (wrong) => await codeOf(Promise.try(() => spool.writeAtOnce(chunkAtOnce(onto, wrong)))));
      expect(await Promise.all(codes)).toEqual(["wrong-chunk-size", "wrong-chunk-size", "checksum-mismatch"]);
      expect([await entries(), await bytes()]).toEqual([[], filled(300, 0)]);
    });

    test("made anew, it has neither the bytes nor the log of before", async () => {
      await spool.create(id, 300);
      await spool.writeChunk(chunk());
      const { end } = await spool.readLog(id);
      await spool.create(id, 200);
      expect(await bytes()).toEqual(new Uint8Array(200));
      expect((await spool.readLog(id, end)).end).toBeLessThan(end);
      expect(await entries()).toEqual([]);
    });

    test("made anew where only a half of it lies, it is whole", async () => {
      for (const half of [".data", ".log"]) {
        await spool.create(id, 300);
        await spool.writeChunk(chunk());
        await rm(spool.path(id).replace(/\.data$/, half));
        await spool.create(id, 200);
        expect(await bytes()).toEqual(new Uint8Array(200));
        expect(await entries()).toEqual([]);
        expect((await spool.readLog(id)).born).not.toBeNull();
      }
    });

    test("tells a log from the one in whose place it was made, and the later one sorts last", async () => {
      const borns: (string | null)[] = [];
      for (let round = 0; round < 20; round++) {
        // What lies there is replaced, or was removed before: by either way, and ever so quickly.
        if (round % 2 === 0) await spool.remove(id);
        await spool.create(id, 300);
        const { born } = await spool.readLog(id);
        await spool.writeChunk(chunk());
        const { born: later, end } = await spool.readLog(id);
        expect([later, (await spool.readLog(id, end)).born]).toEqual([born, born]);
        borns.push(born);
      }
      expect(new Set(borns).size).toBe(20);
      expect(borns.toSorted()).toEqual(borns);
      await spool.remove(id);
      expect((await spool.readLog(id)).born).toBe(null);
    });

    test("writes a whole file of any length and says its length", async () => {
      const pieces = Array.from({ length: 50 }, (_, i) => filled(i * 997, i));
      expect(await spool.writeAll(id, bodyOf(...pieces), signal)).toBe(1_221_325);
      expect(await bytes()).toEqual(new Uint8Array(Buffer.concat(pieces)));
      const empty = newId();
      expect(await spool.writeAll(empty, bodyOf(), signal)).toBe(0);
      expect(await spool.has(empty, 0)).toBe(true);
      await spool.sync(empty);
    });

    test("leaves nothing of a whole file that broke off or was dropped", async () => {
      const cut = new Error("connection cut");
      const broken = (async function* () {
        yield filled(100_000, 1);
        throw cut;
      })();
      expect(await codeOf(spool.writeAll(id, broken, signal))).toBe(cut);
      const reason = new Error("stopping");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 10);
      expect(await codeOf(spool.writeAll(id, stalledBody(), controller.signal))).toBe(reason);
      expect(await spool.list()).toEqual([]);
    });

    test("makes durable what it holds", async () => {
      await spool.create(id, 300);
      await spool.writeChunk(chunk());
      await spool.sync(id);
      expect((await entries()).length).toBe(1);
    });

    test("lists what it holds with the time of its last byte, and removes it, twice if asked", async () => {
      const other = newId();
      const before = Date.now() - 1000;
      await spool.create(id, 300);
      await spool.writeAll(other, bodyOf(filled(10, 1)), signal);
      const listed = (await spool.list()).toSorted((a, b) => a.id.localeCompare(b.id));
      expect(listed.map((entry) => entry.id)).toEqual([id, other]);
      for (const { modifiedAt } of listed) expect(modifiedAt).toBeWithin(before, Date.now() + 1000);
      await spool.remove(id);
      await spool.remove(id);
      await spool.remove(other);
      expect(await spool.list()).toEqual([]);
      expect(await spool.has(id, 300)).toBe(false);
    });

    test("says how much the disk can take", async () => {
      expect(await spool.freeBytes()).toBeGreaterThan(0);
    });

    test("takes no id that might be a path", async () => {
      for (const bad of ["", "..", "../../etc/passwd", id.toLowerCase(), `${id}/a`, `${id}\n`]) {
        const calls = [
          async () => await spool.create(bad, 1),
          async () => await spool.writeChunk(chunk({ id: bad })),
          async () => await spool.writeAll(bad, bodyOf(), signal),
          async () => await spool.readLog(bad),
          async () => await spool.reopen(bad, 1),
          async () => await spool.sync(bad),
          async () => spool.path(bad),
          async () => await spool.has(bad, 1),
          async () => await spool.remove(bad),
        ];
        for (const call of calls) expect(await codeOf(call())).toBeInstanceOf(RangeError);
      }
    });
  });
}
