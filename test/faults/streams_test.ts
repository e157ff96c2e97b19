import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";

import { publish, published, remove, send, type VideoJson, waiting } from "../acceptance/video_client.ts";
import { type Client, hashOf, signUp, until } from "../support/client.ts";
import { wavOf } from "../support/clips.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm, expectProblem } from "../support/expect_problem.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";

setDefaultTimeout(300_000);

const bytes = wavOf(30_000_000, "streamed");
const etag = `"${hashOf("sha1", bytes)}"`;

/** A value of `/metrics`. */
async function metric(drive: Drive, name: string): Promise<number> {
  const text = await (await fetch(`${drive.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

/** Waits until no more streams are open than that. */
async function untilOpen(drive: Drive, count: number): Promise<void> {
  await until(
    () => metric(drive, "sluice_streams_open"),
    (open) => open === count,
    20_000,
  );
}

/** Resident memory of the drive's process, bytes. */
async function residentBytes({ pid }: Drive): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Files and connections that the drive's process has open. */
async function openFiles({ pid }: Drive): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function openVideo(env: Record<string, string>) {
  const drive = await startDrive({ env });
  const owner = await signUp(drive.url);
  const video = await published(owner, bytes);
  return { drive, owner, video, url: `${drive.url}/videos/${video.id}` };
}

describe("with two streams at once", () => {
  let drive: Drive;
  let owner: Client;
  let video: VideoJson;
  let url: string;
  beforeAll(async () => {
    ({ drive, owner, video, url } = await openVideo({ STREAM_MAX: "2" }));
  });
  afterAll(async () => {
    expectCalm(drive.output());
    await drive[Symbol.asyncDispose]();
  });

  /** Both slots are free, and there are two of them. */
  const expectFree = async () => {
    await untilOpen(drive, 0);
    const viewers = [await openViewer(url), await openViewer(url)];
    expect(await Promise.all(viewers.map(({ status }) => status))).toEqual([200, 200]);
    const refused = await fetch(url);
    await expectProblem(refused, "too-many-streams");
    for (const viewer of viewers) viewer.close();
    await untilOpen(drive, 0);
  };

  test("refuses the third, says when to come again, and lets it in once there is room", async () => {
    const [one, two] = [await openViewer(url), await openViewer(url, { range: "bytes=1000000-" })];
    expect([await one.status, await two.status]).toEqual([200, 206]);
    expect(await metric(drive, "sluice_streams_open")).toBe(2);
    const before = await metric(drive, "sluice_streams_refused_total");
    const refused = await fetch(url);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await expectProblem(refused, "too-many-streams");
    expect(await metric(drive, "sluice_streams_refused_total")).toBe(before + 1);
    one.close();
    await untilOpen(drive, 1);
    expect(hashOf("sha1", await (await fetch(url)).bytes())).toBe(hashOf("sha1", bytes));
    two.close();
    await expectFree();
  });

  test("answers what has no body while every slot is taken, and takes none for it", async () => {
    const viewers = [await openViewer(url), await openViewer(url)];
    await Promise.all(viewers.map(({ status }) => status));
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await fetch(url, { headers: { range: "bytes=30000000-" } })).status).toBe(416);
    expect((await fetch(url, { headers: { "if-match": '"other"' } })).status).toBe(412);
    expect((await fetch(`${drive.url}/videos/x`)).status).toBe(404);
    expect(await metric(drive, "sluice_streams_open")).toBe(2);
    for (const viewer of viewers) viewer.cut();
    await expectFree();
    for (let i = 0; i < 50; i++) {
      await fetch(url, { method: "HEAD" });
      await (await fetch(url, { headers: { "if-none-match": etag } })).bytes();
      await (await fetch(url, { headers: { range: "bytes=99999999-" } })).bytes();
      expect((await (await fetch(url, { headers: { range: "bytes=-10" } })).bytes()).length).toBe(10);
      expect((await (await fetch(url, { headers: { range: "bytes=0-9,500000-900000" } })).bytes()).length).toBeGreaterThan(
        400_000,
      );
    }
    await expectFree();
  });

  test("has every slot back after hundreds of clients that went in every way there is", async () => {
    const ways: ((viewer: Viewer) => Promise<void> | void)[] = [
      (viewer) => viewer.cut(),
      (viewer) => viewer.close(),
      async (viewer) => {
        await viewer.status;
        viewer.cut();
      },
      async (viewer) => {
        await viewer.status;
        viewer.close();
      },
      async (viewer) => {
        await viewer.status;
        viewer.read();
        while (viewer.taken() < 3_000_000 && (await viewer.status) === 200) await Bun.sleep(1);
        viewer.cut();
      },
      async (viewer) => {
        viewer.halfClose();
        await viewer.status;
        viewer.close();
      },
    ];
    const headers = [
      {},
      { range: "bytes=5000000-" },
      { range: "bytes=0-9,1000000-20000000" },
      { "if-range": etag, range: "bytes=7-" },
    ];
    const statuses = new Set<number>();
    const filesBefore = await openFiles(drive);
    const crowd = Array.from({ length: 12 }, async (_, lane) => {
      for (let i = 0; i < 30; i++) {
        const viewer = await openViewer(url, headers[(lane + i) % headers.length]);
        await ways[(lane * 7 + i) % ways.length]?.(viewer);
        statuses.add(await viewer.status);
        viewer.close();
        await viewer.closed;
      }
    });
    await Promise.all(crowd);
    // Some were let in, some refused; or nothing was tried here.
    expect(statuses.has(200) || statuses.has(206)).toBe(true);
    expect(statuses.has(429)).toBe(true);
    await expectFree();
    await until(
      () => openFiles(drive),
      (open) => open <= filesBefore + 5,
    );
  });

  test("keeps a slot for no video that is deleted before its stream begins", async () => {
    const other = await made(owner);
    for (let i = 0; i < 20; i++) {
      const viewer = await openViewer(`${drive.url}/videos/${other}`);
      if (i === 10) expect((await remove(owner, other)).status).toBe(204);
      await viewer.status;
      viewer.close();
    }
    await expectFree();
    expect((await fetch(`${drive.url}/user/${owner.username}/videos/${video.id}`)).status).toBe(200);
  });

  const made = async (client: Client) => {
    const { id } = await waiting(client);
    expect((await send(client, id, wavOf(2_000_000))).status).toBe(201);
    return id;
  };
});

test("clients that take a byte a second, or nothing, hold a slot and next to no memory, and none once they are gone", async () => {
  const { drive, url } = await openVideo({ STREAM_MAX: "40", STREAM_MAX_PER_CLIENT: "40" });
  await using _ = drive;
  // Once through, so that what the process takes for its first stream does not count.
  await (await fetch(url)).bytes();
  await untilOpen(drive, 0);
  const before = await residentBytes(drive);
  const stalled = await Promise.all(Array.from({ length: 20 }, () => openViewer(url)));
  expect(await Promise.all(stalled.map(({ status }) => status))).toEqual(stalled.map(() => 200));
  const sipping = Array.from({ length: 20 }, () =>
    Bun.spawn(["curl", "-s", "--limit-rate", "1", "-o", "/dev/null", url], { stdin: "ignore" }),
  );
  await untilOpen(drive, 40);
  expect((await fetch(url)).status).toBe(429);
  let most = 0;
  for (let i = 0; i < 40; i++) {
    await Bun.sleep(100);
    most = Math.max(most, await residentBytes(drive));
  }
  expect(await metric(drive, "sluice_streams_open")).toBe(40);
  // Each has 30 MB to come: 1.2 GB, were they held here.
  expect(most - before).toBeLessThan(120_000_000);
  for (const viewer of stalled) viewer.cut();
  for (const curl of sipping) curl.kill("SIGKILL");
  await untilOpen(drive, 0);
  expectCalm(drive.output());
});

test("one address has its share of the slots, and leaves the rest to others", async () => {
  const env = { STREAM_MAX: "3", STREAM_MAX_PER_CLIENT: "1", TRUSTED_PROXIES: "127.0.0.1" };
  const { drive, url } = await openVideo(env);
  await using _ = drive;
  const from = (address: string) => openViewer(url, { "x-real-ip": address });
  const status = async (address: string) => {
    const viewer = await from(address);
    return { viewer, status: await viewer.status };
  };
  const one = await status("10.0.0.1");
  expect(one.status).toBe(200);
  expect((await status("10.0.0.1")).status).toBe(429);
  expect((await status("10.0.0.2")).status).toBe(200);
  expect((await status("2001:db8::1")).status).toBe(200);
  expect((await status("10.0.0.3")).status).toBe(429);
  one.viewer.close();
  await untilOpen(drive, 2);
  expect((await status("10.0.0.3")).status).toBe(200);
});

test("a stream goes no faster than it may, and ends when the drive does", async () => {
  const { drive, owner, url } = await openVideo({ STREAM_BYTES_PER_SECOND: "1MiB", SHUTDOWN_MS: "500" });
  await using _ = drive;
  const { id: fileId } = await owner.upload("short.wav", wavOf(3 * 2 ** 20));
  const answer = await publish(owner, { title: "short", fileId });
  const { id } = (await answer.json()) as VideoJson;
  const begin = performance.now();
  expect((await (await fetch(`${drive.url}/videos/${id}`)).bytes()).length).toBe(3 * 2 ** 20);
  // All but the last piece has to be waited for.
  expect(performance.now() - begin).toBeGreaterThan(1500);
  const viewer = await openViewer(url);
  expect(await viewer.status).toBe(200);
  viewer.read();
  // It had 30 seconds' worth to send: 1, since not all came to its end.
  expect(await drive.stop()).toBe(1);
  await viewer.closed;
});
