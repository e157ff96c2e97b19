import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { FaultPoint } from "#lib/lifecycle/mod.ts";

import { ending, startChild } from "../support/child.ts";
import { bytesOf, type Client, hashOf, signUp, until } from "../support/client.ts";
import { readDataDir, untilDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { type OssBucket, startOssBucket } from "../support/oss_bucket.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { type S3Bucket, s3Bucket } from "../support/s3_bucket.ts";
import { startWorkers } from "../support/workers.ts";

setDefaultTimeout(180_000);

interface Stored {
  id: string;
  bytes: Uint8Array;
}

/** A command of `workers/main.ts` beside a drive, as a person or cron runs it. */
async function start(drive: Drive, env: Record<string, string>, ready: RegExp, args: string[], program = "workers/main.ts") {
  return await startChild({ program, args, env: { ...env, DATA_DIR: drive.dataDir }, ready });
}

/** Its exit code, and what it said. */
async function run(drive: Drive, env: Record<string, string>, ...args: string[]) {
  const child = await start(drive, env, /./, args);
  return { code: await child.exited, output: child.output() };
}

const expectClean = async (drive: Drive, env: Record<string, string>) => {
  const { code, output } = await run(drive, env, "fsck", "--deep", "--json");
  expect({ code, output: output.includes('"findings":0') }).toEqual({ code: 0, output: true });
};

async function put(client: Client, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Stored> {
  const { id } = await client.upload(name, bytes);
  return { id, bytes };
}

async function expectWhole(client: Client, files: Stored[]): Promise<void> {
  for (const { id, bytes } of files) expect(hashOf("sha1", await client.download(id))).toBe(hashOf("sha1", bytes));
}

/** Keys of what lies in a folder, but for unfinished puts. */
async function keysIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith("/tmp")).map(({ name }) => name);
}

const allStored = async (drive: Drive, count: number) =>
  await untilDataDir(drive.dataDir, ({ blobs }) => blobs.length === count && blobs.every(({ state }) => state === "stored"));

describe("a mover that is killed", () => {
  const points: [FaultPoint, string[]][] = [
    ["copy.before-put", ["move", "--from", "a", "--to", "b"]],
    ["copy.after-put", ["move", "--from", "a", "--to", "b"]],
    ["copy.after-commit", ["move", "--from", "a", "--to", "b"]],
    ["drop.after-delete", ["purge"]],
  ];
  for (const [point, args] of points) {
    test(`at ${point}: the same command goes on, and nothing is lost or left over`, async () => {
      const root = await mkdtemp(join(tmpdir(), "sluice-movers-"));
      const STORES = `a=file://${root}/a,b=file://${root}/b`;
      const env = { STORES, MOVE_GRACE: "0s" };
      await using drive = await startDrive({ env: { ...env, WORKERS: "merge,push" } });
      const client = await signUp(drive.url);
      const files: Stored[] = [];
      for (let i = 0; i < 5; i++) files.push(await put(client, `${i}.bin`, bytesOf(200_000 + i, point)));
      await allStored(drive, 5);
      if (args[0] === "purge") expect((await run(drive, env, "move", "--from", "a", "--to", "b")).code).toBe(0);
      const killed = await start(drive, env, /^/, [point, "SIGKILL", ...args], "test/support/faulty_drive.ts");
      expect(await ending(killed)).toBe("SIGKILL");
      await expectWhole(client, files);

      // What the dead one had in hand waits until its lease is over.
      const { code, output } = await run(drive, env, "move", "--from", "a", "--to", "b");
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("100 %") });
      await using workers = await startWorkers({ dataDir: drive.dataDir, env, args: ["purge", "sweep"] });
      await until(
        async () => await keysIn(join(root, "a")),
        ({ length }) => length === 0,
      );
      expect(workers.output()).not.toContain('"level":50');
      expect(await keysIn(join(root, "b"))).toHaveLength(5);
      await expectWhole(client, files);
      await expectClean(drive, env);
      expect((await readDataDir(drive.dataDir)).blobs).toHaveLength(5);
      await rm(root, { recursive: true });
    });
  }
});

describe("commands", () => {
  test("say what is wrong with what they are told, and count without changing anything", async () => {
    const root = await mkdtemp(join(tmpdir(), "sluice-commands-"));
    const env = { STORES: `a=file://${root}/a,b=file://${root}/b` };
    await using drive = await startDrive({ env });
    const client = await signUp(drive.url);
    await put(client, "small.bin", bytesOf(1000, "small"));
    await put(client, "large.log", bytesOf(100_000, "large"));
    await allStored(drive, 2);
    const wrong = [
      ["move", "--from", "a"],
      ["move", "--from", "a", "--to", "c"],
      ["move", "--from", "a", "--to", "a"],
      ["move", "--from", "a", "--to", "b", "--where", "size>many"],
      ["move", "--from", "a", "--to", "b", "--fast"],
    ];
    for (const args of wrong)
      expect(await run(drive, env, ...args)).toMatchObject({ code: 1, output: expect.stringMatching(/^sluice: /) });
    expect(await run(drive, env, "fsck", "--hard")).toMatchObject({ code: 2 });
    const dry = await run(drive, env, "move", "--from", "a", "--to", "b", "--where", "*.log & size>1k", "--dry-run");
    expect(dry).toEqual({ code: 0, output: "1 files, 100000 bytes, would be moved from a to b\n" });
    expect(await keysIn(join(root, "b"))).toEqual([]);
    expect((await run(drive, env, "move", "--from", "a", "--to", "b", "--where", "*.log", "--keep")).code).toBe(0);
    expect([(await keysIn(join(root, "a"))).length, (await keysIn(join(root, "b"))).length]).toEqual([2, 1]);
    await expectClean(drive, env);

    // A store that is away: told, and not taken for empty.
    await rename(join(root, "b"), join(root, "b.away"));
    const { code, output } = await run(drive, env, "fsck", "--json");
    // Opening it makes the folder anew, empty: its one object is not there.
    expect({ code, kinds: [...output.matchAll(/"kind":"(\w+)"/g)].map(([, kind]) => kind) }).toEqual({
      code: 1,
      kinds: ["lost"],
    });
    await rm(root, { recursive: true });
  });

  test("two names of one place, and a policy of a store that is not there, keep the drive from starting", async () => {
    const root = await mkdtemp(join(tmpdir(), "sluice-commands-"));
    const same = { STORES: `a=file://${root}/a,b=file://${root}/./a/` };
    expect(await startDrive({ env: same }).catch(String)).toContain("a and b are the same place");
    const policy = { STORES: `a=file://${root}/a`, STORE_POLICY: "* -> b" };
    expect(await startDrive({ env: policy }).catch(String)).toContain('there is no store "b" in STORES, which names a');
    await rm(root, { recursive: true });
  });
});

describe.skipIf(lacksServers("s3"))("three stores: a folder, Ceph and OSS", () => {
  let servers: RealServers;
  let bucket: S3Bucket;
  let oss: OssBucket;
  let root: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    servers = await realServers("s3");
    bucket = s3Bucket(servers.stack.s3);
    oss = await startOssBucket();
    root = await mkdtemp(join(tmpdir(), "sluice-tour-"));
    env = {
      STORES: `hot=file://${root}/hot,ceph=${bucket.url({ partBytes: "5MiB" })},oss=${oss.url({ partBytes: "1MiB" })}`,
      STORE_POLICY: "*.log -> oss; type=video/* -> ceph+oss; size>=1MiB -> hot+ceph; * -> hot",
      MOVE_GRACE: "1s",
    };
  });
  afterAll(async () => {
    await bucket.remove();
    await oss[Symbol.asyncDispose]();
    await rm(root, { recursive: true });
    await servers[Symbol.asyncDispose]();
  });

  test("files go where the policy says, are moved while they are read, by a mover that is killed, and are all there", async () => {
    await using drive = await startDrive({ env: { ...env, WORKERS: "merge,push,copy" } });
    const client = await signUp(drive.url);
    const files: Stored[] = [];
    for (let i = 0; i < 12; i++) files.push(await put(client, `${i}.bin`, bytesOf(20_000 + i, `tour ${i}`)));
    files.push(await put(client, "a.log", bytesOf(3000, "log")), await put(client, "a.mp4", bytesOf(6_000_000, "film")));
    files.push(await put(client, "big.iso", bytesOf(6_100_000, "iso")));
    await allStored(drive, 15);
    const placed = async () => [
      (await keysIn(`${root}/hot`)).length,
      (await oss.server.bucket(oss.name).objects.keys()).length,
      (await bucket.keys()).length,
    ];
    await until(placed, (counts) => counts.join() === "13,2,2");
    const ready = (await (await client.fetch("/readyz")).json()) as { ready: boolean; ports: Record<string, unknown> };
    expect(ready.ready).toBe(true);
    expect(ready.ports).toMatchObject({
      "store:hot": { engine: "disk", ok: true },
      "store:ceph": { engine: "s3", ok: true },
      "store:oss": { engine: "oss", ok: true },
    });

    // Read all the time, one after the other.
    let reads = 0;
    const over = new AbortController();
    const reading = (async () => {
      for (; !over.signal.aborted; reads += files.length) await expectWhole(client, files);
    })();
    const mover = await start(drive, env, /queued from/, ["move", "--from", "hot", "--to", "oss"]);
    await until(placed, ([, inOss = 0]) => inOss > 3);
    mover.signal("SIGKILL");
    await mover.exited;
    const again = await run(drive, env, "move", "--from", "hot", "--to", "oss");
    expect({ code: again.code, output: again.output }).toMatchObject({ code: 0, output: expect.stringContaining("0 left") });
    await using workers = await startWorkers({ dataDir: drive.dataDir, env, args: ["purge", "sweep"] });
    await until(placed, ([hot]) => hot === 0);
    over.abort();
    await reading;
    expect(reads).toBeGreaterThan(files.length);
    expect(await placed()).toEqual([0, 15, 2]);

    // From Ceph to where its files have no copy yet, and OSS's second copies stay what they are.
    expect((await run(drive, env, "move", "--from", "ceph", "--to", "hot", "--where", "size>=6MB")).code).toBe(0);
    await until(placed, (counts) => counts.join() === "2,15,0");
    await expectWhole(client, files);
    await expectClean(drive, env);
    expect(workers.output()).not.toContain('"level":50');
  });

  test("while one is away, files come and go in the others, and those that have two copies can be read", async () => {
    const away = {
      ...env,
      STORES: `${env["STORES"]},gone=s3:http://k:s@127.0.0.1:9/gone`,
      STORE_POLICY: "*.gone -> gone; * -> gone+hot",
    };
    await using drive = await startDrive({ env: away });
    const client = await signUp(drive.url);
    const answer = await client.fetch("/readyz");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      ports: { "store:gone": { ok: false, needed: false }, "store:hot": { ok: true } },
    });
    const [stuck, stored] = [
      await put(client, "a.gone", bytesOf(3000, "stuck")),
      await put(client, "b.bin", bytesOf(3000, "stored")),
    ];
    await untilDataDir(drive.dataDir, ({ blobs }) => blobs.some(({ state }) => state === "stored"));
    await expectWhole(client, [stuck, stored]);
    const { blobs } = await readDataDir(drive.dataDir);
    expect(blobs.map(({ state }) => state).toSorted()).toEqual(["spooled", "stored"]);
    const { code, output } = await run(drive, away, "fsck");
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining("could not be looked at: gone") });
  });
});
