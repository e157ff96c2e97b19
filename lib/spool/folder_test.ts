import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAppError } from "../errors/mod.ts";
import { newId } from "../id/mod.ts";
import { folderSpool } from "./folder.ts";
import type { Spool } from "./port.ts";

const { signal } = new AbortController();

const openFiles = async () => (await readdir("/proc/self/fd")).length;

async function* bodyOf(length: number, pieces = 1) {
  for (let i = 0; i < pieces; i++) yield new Uint8Array(length).fill(7);
}

describe("a spool folder", () => {
  let root: string;
  let spool: Spool;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "sluice-spool-"));
    spool = await folderSpool(join(root, "not/there/yet"));
  });
  afterEach(async () => await rm(root, { recursive: true }));

  test("makes a sparse file: it costs the disk what was written and no more", async () => {
    const id = newId();
    await spool.create(id, 2 ** 40);
    await spool.writeChunk({ id, index: 10, offset: 2 ** 39, size: 65_536, body: bodyOf(65_536), signal });
    const { size, blocks } = await stat(spool.path(id));
    expect(size).toBe(2 ** 40);
    expect(blocks * 512).toBeLessThan(2 ** 20);
  });

  test("lists a log that a kill has left without its bytes, and nothing that is not the spool's", async () => {
    const [whole, orphan] = [newId(), newId()];
    await spool.create(whole, 1);
    await spool.create(orphan, 1);
    await rm(spool.path(orphan));
    await Bun.write(join(root, "not/there/yet/readme.log"), "");
    expect((await spool.list()).map(({ id }) => id)).toEqual([whole, orphan]);
  });

  test("keeps no file open, whatever became of the writes", async () => {
    const id = newId();
    await spool.create(id, 10);
    const before = await openFiles();
    for (let i = 0; i < 20; i++) {
      await spool.writeChunk({ id, index: 1, offset: 0, size: 10, body: bodyOf(10), signal });
      await spool.writeChunk({ id, index: 1, offset: 0, size: 9, body: bodyOf(10), signal }).catch(() => null);
      await spool.readLog(id);
      await spool.sync(id);
      await spool.writeAll(newId(), bodyOf(10), signal);
      await spool.writeAll(id, bodyOf(10), signal).catch(() => null);
    }
    expect(await openFiles()).toBeLessThanOrEqual(before + 2);
  });

  test("a form upload does not take the place of what lies there", async () => {
    const id = newId();
    await spool.create(id, 10);
    const error = await spool.writeAll(id, bodyOf(3), signal).catch((e: unknown) => e);
    expect(error).toHaveProperty("code", "EEXIST");
    expect(await spool.has(id, 10)).toBe(true);
  });
});

// Mounting needs root, as the tests of a container have it.
describe.skipIf(process.getuid?.() !== 0)("a spool on a disk that is full", () => {
  let mount: string;
  let spool: Spool;
  beforeEach(async () => {
    mount = await mkdtemp(join(tmpdir(), "sluice-full-"));
    await Bun.$`mount -t tmpfs -o size=2m tmpfs ${mount}`.quiet();
    spool = await folderSpool(join(mount, "spool"));
  });
  afterEach(async () => {
    await Bun.$`umount ${mount}`.quiet();
    await rm(mount, { recursive: true });
  });

  const mib = 2 ** 20;
  const write = async (id: string, index: number) =>
    await spool.writeChunk({ id, index, offset: (index - 1) * mib, size: mib, body: bodyOf(65_536, 16), signal });

  test("says no-space, keeps what it had, and goes on when there is room again", async () => {
    const id = newId();
    await spool.create(id, 8 * mib);
    await write(id, 1);
    const error = await write(id, 2).catch((e: unknown) => e);
    expect(isAppError(error, "no-space")).toBe(true);
    expect(await spool.freeBytes()).toBe(0);
    expect((await spool.readLog(id)).entries).toMatchObject([{ kind: "received", index: 1 }]);

    await Bun.$`mount -o remount,size=8m ${mount}`.quiet();
    await write(id, 2);
    expect((await spool.readLog(id)).entries).toMatchObject([{ index: 1 }, { index: 2 }]);
  });

  test("loses no chunk to the records that the full disk has cut", async () => {
    const id = newId();
    await spool.create(id, 8 * mib);
    const filler = await open(join(mount, "filler"), "w");
    await filler.writeFile(new Uint8Array(mib * 1.9));
    // The log's one page lasts for some hundred records; then appends fail, in the middle of one.
    let logged = 0;
    for (let index = 1; index <= 3 * 4096; index++) {
      const error = await spool.reopen(id, index).catch((e: unknown) => e);
      if (error !== undefined) {
        expect(isAppError(error, "no-space")).toBe(true);
        break;
      }
      logged++;
    }
    expect(logged).toBeGreaterThan(0);
    expect(logged).toBeLessThan(3 * 4096);
    await filler.truncate(0);
    await filler.close();
    await spool.reopen(id, 9999);
    const { entries, end } = await spool.readLog(id);
    expect(entries.map((entry) => entry.kind === "reopened" && entry.index)).toEqual([
      ...Array.from({ length: logged }, (_, i) => i + 1),
      9999,
    ]);
    expect(end).toBe((await stat(spool.path(id).replace(".data", ".log"))).size);
  });

  test("a form upload that does not fit leaves nothing behind", async () => {
    const id = newId();
    const error = await spool.writeAll(id, bodyOf(65_536, 100), signal).catch((e: unknown) => e);
    expect(isAppError(error, "no-space")).toBe(true);
    expect(await spool.list()).toEqual([]);
    expect(await spool.freeBytes()).toBeGreaterThan(mib);
  });
});
