import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, rename, rm, truncate, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eq } from "drizzle-orm";
import * as fc from "fast-check";

import { queueMoves } from "#db/moves.ts";
import { blobs, copies } from "#db/schema.ts";
import { newId } from "#lib/id/mod.ts";
import { createStores, type Store } from "#lib/store/mod.ts";

import { copy } from "../../workers/copy/copy.ts";
import { fsck, type FsckOptions } from "../../workers/fsck/fsck.ts";
import { createReport, exitCodeOf, type Finding } from "../../workers/fsck/report.ts";
import { merge } from "../../workers/merge/merge.ts";
import { purge } from "../../workers/purge/purge.ts";
import { push } from "../../workers/push/push.ts";
import { runJob } from "../../workers/run_job.ts";
import { scrubWhenDue } from "../../workers/sweep/scrub.ts";
import { bytesOf, type ChallengeJson, type FileJson, hashOf, type InitJson } from "../support/client.ts";
import { type SmallDrive, smallDrive } from "./small_drive.ts";

setDefaultTimeout(300_000);

const policy = "*.one -> a; *.two -> a+b; *.three -> c+a+b; * -> b";
const names = ["a", "b", "c"] as const;
type Name = (typeof names)[number];
const hour = 3_600_000;

let root: string;
let drive: SmallDrive;
let ask: Awaited<ReturnType<SmallDrive["user"]>>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-stores-"));
  const STORES = names.map((name) => `${name}=file://${join(root, name)}`).join(",");
  drive = await smallDrive({ STORES, STORE_POLICY: policy, PURGE_AFTER: "1s", MOVE_GRACE: "1h", SCRUB_PER_HOUR: "60" });
  ask = await drive.user();
});
afterEach(async () => {
  await drive[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

async function upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const body = new FormData();
  body.append("file", new Blob([bytes]), name);
  const answer = await ask("/file/upload", { method: "POST", body });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as FileJson).id;
}

const download = async (id: string) => await ask(`/file/download?id=${id}`);
const expectBytes = async (id: string, bytes: Uint8Array) => {
  const answer = await download(id);
  expect(answer.status).toBe(200);
  expect(hashOf("sha1", new Uint8Array(await answer.arrayBuffer()))).toBe(hashOf("sha1", bytes));
};

/** Keys of what lies in a store, but for unfinished puts. */
async function keysIn(name: Name): Promise<string[]> {
  const entries = await readdir(join(root, name), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, name).length + 1));
}

const counts = async () => Promise.all(names.map(async (name) => (await keysIn(name)).length));
const pathIn = async (name: Name) => join(root, name, (await keysIn(name))[0] ?? "nothing");

/** A store that is unmounted: every call of it fails. */
const away = async (name: Name) => rename(join(root, name), join(root, `${name}.away`));
const back = async (name: Name) => rename(join(root, `${name}.away`), join(root, name));

/** Everything that is due is done. */
async function settle(): Promise<void> {
  await drive.work(push);
  await drive.work(copy);
  await drive.work(purge);
  await drive.ctx.lifecycle.idle();
}

async function move(from: Name, to: Name, keep = false) {
  const rows = await drive.ctx.catalog.db.select({ id: blobs.id }).from(blobs);
  const blobIds = rows.map(({ id }) => id);
  return await queueMoves(drive.ctx.catalog, { from, to, keep, blobIds }, () => newId(), drive.ctx.now());
}

async function check(options: Partial<FsckOptions> = {}) {
  const findings: Finding[] = [];
  const report = createReport((finding) => findings.push(finding));
  const { signal } = new AbortController();
  await fsck({ ctx: drive.ctx, options: { isRepair: false, isDeep: false, ...options }, report, signal });
  return { findings, code: exitCodeOf(report.summary), summary: report.summary };
}

const clean = { findings: [], code: 0 };

describe("where bytes go", () => {
  test("to the stores that the policy says: the first at once, the others by a job of their own", async () => {
    const [one, two, three] = [bytesOf(5000, "1"), bytesOf(5001, "2"), bytesOf(5002, "3")];
    const ids = [await upload("x.one", one), await upload("x.two", two), await upload("x.three", three)];
    await drive.work(push);
    expect(await counts()).toEqual([2, 0, 1]);
    await drive.work(copy);
    expect(await counts()).toEqual([3, 2, 1]);
    for (const [i, bytes] of [one, two, three].entries()) await expectBytes(ids[i]!, bytes);
    expect(await check({ isDeep: true })).toMatchObject(clean);
  });

  test("a second copy shares no bytes with the first", async () => {
    await upload("x.two", bytesOf(5000, "x"));
    await settle();
    const [a, b] = [Bun.file(await pathIn("a")), Bun.file(await pathIn("b"))];
    expect([await a.stat().then(({ ino }) => ino)]).not.toEqual([await b.stat().then(({ ino }) => ino)]);
  });

  test("while the first store is away, to the second; the first gets its copy when it is back", async () => {
    const bytes = bytesOf(5000, "x");
    const id = await upload("x.two", bytes);
    drive.ctx.stores.noteAway("a");
    await drive.work(push);
    expect(await counts()).toEqual([0, 1, 0]);
    await expectBytes(id, bytes);
    await Bun.sleep(5100);
    drive.pass(hour);
    await settle();
    expect(await counts()).toEqual([1, 1, 0]);
    expect(await check({ isDeep: true })).toMatchObject(clean);
  });

  test("a purge takes every copy along, and none is left of one that is being made", async () => {
    const id = await upload("x.three", bytesOf(5000, "x"));
    await drive.work(push);
    const [held] = await copy.due(drive.ctx, 10);
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const all = drive.ctx.stores.all.map(({ name, store }) => {
      const put: Store["put"] = async (...args) => {
        reached.resolve();
        await goOn.promise;
        await store.put(...args);
      };
      return { name, store: { ...store, put } };
    });
    const copying = runJob({ ...drive.ctx, stores: createStores(all, []) }, copy, held ?? "");
    await reached.promise;
    await ask("/file/delete", { method: "POST", json: { id } });
    drive.pass(60_000);
    // The blob, and then what the purge has found of its copies.
    for (let i = 0; i < 2; i++) await drive.work(purge);
    expect(await counts()).toEqual([0, 0, 0]);
    goOn.resolve();
    await copying;
    drive.pass(hour);
    await settle();
    expect(await counts()).toEqual([0, 0, 0]);
    expect(await drive.ctx.catalog.db.select().from(copies)).toEqual([]);
    expect(await drive.ctx.catalog.db.select().from(blobs)).toEqual([]);
  });
});

describe("reading", () => {
  test("goes on from the other copy, where the first is lost or its store away", async () => {
    const bytes = bytesOf(300_000, "x");
    const id = await upload("x.two", bytes);
    await settle();
    await rm(await pathIn("a"));
    await expectBytes(id, bytes);
    await away("b");
    expect((await download(id)).status).toBe(503);
    await back("b");
    await expectBytes(id, bytes);
  });

  test("fails for a store that is named no more, in words, and for nothing else", async () => {
    const [bytes, other] = [bytesOf(5000, "x"), bytesOf(5000, "y")];
    const [id, otherId] = [await upload("x.one", bytes), await upload("y.bin", other)];
    await settle();
    await drive.ctx.catalog.db.update(blobs).set({ store: "gone" }).where(eq(blobs.store, "a"));
    const answer = await download(id);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "unavailable", detail: expect.stringContaining('"gone"') });
    await expectBytes(otherId, other);
    expect(await check()).toMatchObject({ code: 1, findings: [{ kind: "unknown-store", store: "gone" }] });
  });
});

describe("moving", () => {
  test("changes the row once the bytes are there, and leaves the old copy for a while", async () => {
    const bytes = bytesOf(300_000, "x");
    const id = await upload("x.one", bytes);
    await settle();
    await expectBytes(id, bytes);
    expect(await move("a", "c")).toEqual({ queued: 1, before: 0, both: 0 });
    expect(await move("a", "c")).toEqual({ queued: 0, before: 1, both: 0 });
    await drive.work(copy);
    expect(await counts()).toEqual([1, 0, 1]);
    // The row of before was remembered.
    await expectBytes(id, bytes);
    drive.pass(hour - 1000);
    await drive.work(purge);
    expect(await counts()).toEqual([1, 0, 1]);
    expect(await check({ isDeep: true })).toMatchObject(clean);
    drive.pass(2000);
    await drive.work(purge);
    expect(await counts()).toEqual([0, 0, 1]);
    await expectBytes(id, bytes);
    expect(await check({ isDeep: true })).toMatchObject(clean);
  });

  test("there and back within the grace leaves the file in one place", async () => {
    const bytes = bytesOf(5000, "x");
    const id = await upload("x.one", bytes);
    await settle();
    for (const [from, to] of [
      ["a", "c"],
      ["c", "a"],
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      expect(await move(from, to)).toMatchObject({ queued: 1 });
      await drive.work(copy);
      await expectBytes(id, bytes);
    }
    drive.pass(2 * hour);
    await drive.work(purge);
    expect(await counts()).toEqual([1, 0, 0]);
    await expectBytes(id, bytes);
    expect(await check({ isDeep: true })).toMatchObject(clean);
  });

  test("a second copy moves as well as a first, and two copies never become one", async () => {
    const bytes = bytesOf(5000, "x");
    const id = await upload("x.two", bytes);
    await settle();
    expect(await move("a", "b")).toEqual({ queued: 0, before: 0, both: 1 });
    expect(await move("b", "c")).toMatchObject({ queued: 1 });
    await drive.work(copy);
    expect(await move("a", "b")).toMatchObject({ queued: 1 });
    await drive.work(copy);
    drive.pass(2 * hour);
    await drive.work(purge);
    expect(await counts()).toEqual([0, 1, 1]);
    await expectBytes(id, bytes);
    expect(await check({ isDeep: true })).toMatchObject(clean);
  });

  test("a file that is not what it was is not moved, and waits for a person", async () => {
    await upload("x.one", bytesOf(5000, "x"));
    await settle();
    await Bun.write(await pathIn("a"), bytesOf(5000, "spoiled"));
    await move("a", "c");
    await drive.work(copy);
    expect(await counts()).toEqual([1, 0, 0]);
    expect(await drive.ctx.catalog.db.select().from(copies)).toMatchObject([{ state: "wanted", leaseOwner: "parked" }]);
  });
});

describe("bytes that a store has lost", () => {
  const bytes = bytesOf(5000, "x");

  test("come again by a form", async () => {
    const id = await upload("x.three", bytes);
    await settle();
    for (const name of names) await rm(await pathIn(name));
    expect((await download(id)).status).toBe(500);
    await upload("y.three", bytes);
    await expectBytes(id, bytes);
    drive.pass(hour);
    await settle();
    expect(await counts()).toEqual([1, 1, 1]);
    expect(await check({ isDeep: true })).toMatchObject(clean);
  });

  test("come again by chunks, since nothing is instant then", async () => {
    const id = await upload("x.one", bytes);
    await settle();
    await rm(await pathIn("a"));
    const instant = await ask("/file/fastupload", {
      method: "POST",
      json: { sha1: hashOf("sha1", bytes), size: bytes.byteLength, name: "y.one" },
    });
    expect(((await instant.json()) as ChallengeJson).challenge).toBeDefined();
    const opened = await ask("/file/mpupload/init", { method: "POST", json: { name: "y.one", size: bytes.byteLength } });
    const { uploadId } = (await opened.json()) as InitJson;
    await ask(`/file/mpupload/uppart?uploadid=${uploadId}&index=1`, { method: "PUT", body: bytes });
    await ask("/file/mpupload/complete", { method: "POST", json: { uploadId } });
    await drive.work(merge);
    await settle();
    await expectBytes(id, bytes);
    expect(await check({ isDeep: true })).toMatchObject(clean);
  });

  test("are not taken for lost while one copy is left, or a store is away", async () => {
    await upload("x.two", bytes);
    await settle();
    await rm(await pathIn("a"));
    await upload("y.two", bytes);
    await away("b");
    await upload("z.two", bytes);
    await back("b");
    expect(await drive.ctx.catalog.db.select().from(blobs)).toMatchObject([{ state: "stored" }]);
  });
});

describe("fsck", () => {
  const age = async (path: string) => {
    await utimes(path, 1, 1);
    // What counts is the time of the inode, which nobody can set: the drive's clock goes on instead.
    drive.pass(25 * hour);
  };

  test("makes a lost copy anew from another, whichever of them it was", async () => {
    const bytes = bytesOf(5000, "x");
    const id = await upload("x.two", bytes);
    await settle();
    for (const name of ["b", "a"] as const) {
      await rm(await pathIn(name));
      expect(await check()).toMatchObject({ code: 1, findings: [{ kind: "lost", store: name, repair: "possible" }] });
      expect(await check({ isRepair: true })).toMatchObject({
        code: 1,
        findings: [{ kind: "lost", store: name, repair: "done" }],
      });
      await settle();
      expect(await counts()).toEqual([1, 1, 0]);
      await expectBytes(id, bytes);
      expect(await check({ isDeep: true })).toMatchObject(clean);
    }
  });

  test("finds what is damaged only where it reads it, and replaces it", async () => {
    const bytes = bytesOf(5000, "x");
    await upload("x.two", bytes);
    await settle();
    await Bun.write(await pathIn("a"), bytesOf(5000, "spoiled"));
    expect(await check()).toMatchObject(clean);
    expect(await check({ isDeep: true, isRepair: true })).toMatchObject({
      code: 1,
      findings: [{ kind: "damaged", store: "a", repair: "done" }],
    });
    await settle();
    expect(await check({ isDeep: true })).toMatchObject({ ...clean, summary: { blobs: 1, bytes: 10_000 } });
    await truncate(await pathIn("b"), 17);
    expect(await check()).toMatchObject({ code: 1, findings: [{ kind: "wrong-size", store: "b" }] });
  });

  test("can do nothing for the only copy, and says so", async () => {
    await upload("x.one", bytesOf(5000, "x"));
    await settle();
    await rm(await pathIn("a"));
    expect(await check({ isRepair: true })).toMatchObject({ code: 1, findings: [{ kind: "lost", store: "a", repair: "none" }] });
  });

  test("removes what no row stands for once it is old, and never what is young or somebody else's", async () => {
    const orphan = join(root, "b/ab/cd", `abcd${"0".repeat(36)}-${newId()}`);
    const stranger = join(root, "b/notes.txt");
    await Bun.write(orphan, "x");
    await Bun.write(stranger, "x");
    expect(await check({ isRepair: true })).toMatchObject({ ...clean, summary: { young: 1, strangers: 1 } });
    await age(orphan);
    expect(await check()).toMatchObject({ code: 1, findings: [{ kind: "orphan", store: "b", repair: "possible" }] });
    expect(await Bun.file(orphan).exists()).toBe(true);
    expect(await check({ isRepair: true })).toMatchObject({ code: 1, findings: [{ kind: "orphan", repair: "done" }] });
    expect([await Bun.file(orphan).exists(), await Bun.file(stranger).exists()]).toEqual([false, true]);
    expect(await check()).toMatchObject(clean);
  });

  test("leaves alone what a push has put and not yet said, in whatever store", async () => {
    await upload("x.one", bytesOf(5000, "x"));
    const [blob] = await drive.ctx.catalog.db.select().from(blobs);
    await Bun.write(join(root, "c", `${blob!.sha1.slice(0, 2)}/${blob!.sha1.slice(2, 4)}/${blob!.sha1}-${blob!.id}`), "x");
    drive.pass(25 * hour);
    expect(await check({ isRepair: true })).toMatchObject(clean);
  });

  test("tells of a spool file that is gone, and of one that nobody needs", async () => {
    await upload("x.one", bytesOf(5000, "x"));
    const [blob] = await drive.ctx.catalog.db.select().from(blobs);
    await drive.ctx.spool.remove(blob?.spoolId ?? "");
    await drive.ctx.spool.create(newId(), 10);
    drive.pass(25 * hour);
    expect((await check()).findings.map(({ kind }) => kind)).toEqual(["spool-lost", "spool-orphan"]);
    expect((await check({ isRepair: true })).findings.map(({ repair }) => repair)).toEqual(["none", "done"]);
    expect((await check()).findings.map(({ kind }) => kind)).toEqual(["spool-lost"]);
  });

  test("a store that cannot be looked at is code 2, and keeps no other from being looked at", async () => {
    await upload("x.one", bytesOf(5000, "x"));
    await upload("y.bin", bytesOf(5000, "y"));
    await settle();
    await rm(await pathIn("a"));
    await away("b");
    const found = await check({ isRepair: true });
    expect(found).toMatchObject({ code: 2, findings: [{ kind: "lost", store: "a" }] });
    expect(found.summary.errors.join()).toContain("b: ");
    await back("b");
  });
});

describe("the scrub", () => {
  test("reads one blob after the other, and tells what is not whole", async () => {
    await upload("x.two", bytesOf(5000, "x"));
    await upload("y.one", bytesOf(5000, "y"));
    await settle();
    await Bun.write(await pathIn("b"), bytesOf(5000, "spoiled"));
    const results = async () => {
      const text = await drive.ctx.metrics.scrape(new AbortController().signal);
      return [...text.matchAll(/^sluice_scrubbed_objects_total\{result="([\w-]+)"\} (\d+)/gm)].map(
        ([, result, count]) => `${result} ${count}`,
      );
    };
    await scrubWhenDue(drive.ctx);
    expect(await results()).toEqual([]);
    for (let i = 0; i < 2; i++) {
      drive.pass(61_000);
      await scrubWhenDue(drive.ctx);
      // Not twice in its time.
      await scrubWhenDue(drive.ctx);
    }
    expect((await results()).toSorted()).toEqual(["damaged 1", "whole 2"]);
    for (let i = 0; i < 2; i++) {
      drive.pass(61_000);
      await scrubWhenDue(drive.ctx);
    }
    // The round was over, and the next has begun.
    expect((await results()).toSorted()).toEqual(["damaged 2", "whole 3"]);
  });
});

type Step =
  | { do: "upload" | "delete"; file: number; kind: string }
  | { do: "move"; from: Name; to: Name; keep: boolean }
  | { do: "push" | "copy" | "purge" | "pass" | "fsck" };

const store = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("upload", "upload", "delete"),
      file: fc.nat(2),
      kind: fc.constantFrom("one", "two", "three"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("move" as const), from: store, to: store, keep: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom("push", "copy", "copy", "purge", "pass", "fsck") }),
  },
);

test("whatever is moved, copied, deleted and checked at the same time: every file can be read, and nothing is left over", async () => {
  let round = 0;
  // Files have the time of the system: one that comes in now must not look days old in the next round.
  let ahead = 0;
  const later = (ms: number) => {
    ahead += ms;
    drive.pass(ms);
  };
  /** Without waiting for the spool to be freed, which it is a second later. */
  const settleQuickly = async () => {
    for (let i = 0; i < 3; i++) {
      later(hour + 1000);
      for (const worker of [push, copy, purge]) await drive.work(worker);
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), { maxLength: 5 }),
      async (s, batches) => {
        round += 1;
        const held = new Map<string, Uint8Array>();
        const contents = [0, 1, 2].map((file) => bytesOf(3000 + file, `${round} ${file}`));
        const take = async (each: Step) => {
          if (each.do === "upload") {
            const bytes = contents[each.file]!;
            held.set(await upload(`f.${each.kind}`, bytes), bytes);
          } else if (each.do === "delete") {
            const [id] = [...held.entries()].find(([, bytes]) => bytes === contents[each.file]) ?? [];
            if (id === undefined) return;
            held.delete(id);
            await ask("/file/delete", { method: "POST", json: { id } });
          } else if (each.do === "move") {
            if (each.from !== each.to) await move(each.from, each.to, each.keep);
          } else if (each.do === "pass") later(hour + 1000);
          else if (each.do === "fsck") {
            // While all else goes on: what it finds may not be there any more, but what it repairs must do no harm.
            await check({ isRepair: true, isDeep: true });
          } else await drive.work({ push, copy, purge }[each.do]);
        };
        for (const batch of batches) {
          drive.gate.wait = () => s.schedule(Promise.resolve());
          await s.waitFor(
            Promise.all(
              batch.map(async (steps) => {
                for (const each of steps) await take(each);
              }),
            ),
          );
          drive.gate.wait = async () => {};
          for (const [id, bytes] of held) await expectBytes(id, bytes);
        }
        await settleQuickly();
        for (const [id, bytes] of held) await expectBytes(id, bytes);
        expect(await check({ isDeep: true })).toMatchObject(clean);
        for (const id of held.keys()) await ask("/file/delete", { method: "POST", json: { id } });
        await settleQuickly();
        expect(await counts()).toEqual([0, 0, 0]);
        expect(await drive.ctx.catalog.db.select().from(copies)).toEqual([]);
        drive.pass(-ahead);
        ahead = 0;
      },
    ),
    { numRuns: 60, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
  );
});
