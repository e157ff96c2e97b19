import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { published } from "../acceptance/video_client.ts";
import { type Client, hashOf, signUp, until } from "../support/client.ts";
import { wavOf } from "../support/clips.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectProblem } from "../support/expect_problem.ts";
import { addressOf, type Front, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";

setDefaultTimeout(300_000);

/** More than the buffers of a connection take. */
const bytes = wavOf(30_000_000, "by nginx");
const proxied = { NODE_ID: "n1", TRUSTED_PROXIES: "127.0.0.1" };

describe.skipIf(lacksServers("nginx"))("streams that nginx carries", () => {
  let drive: Drive;
  let front: Front;
  let owner: Client;
  let path: string;
  beforeAll(async () => {
    // A gateway that lets one stream through: those that nginx carries take none of its slots.
    drive = await startDrive({ env: { ...proxied, STREAM_MAX: "1" } });
    const gateways = [addressOf(drive.url)];
    const nodes = { n1: drive.dataDir };
    front = await startFront({ gateways, nodes, streamMax: 3, streamMaxPerClient: 2, frontProxies: ["127.0.0.1"] });
    owner = await signUp(front.url);
    path = `/videos/${(await published(owner, bytes)).id}`;
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await drive[Symbol.asyncDispose]();
  });

  const watch = (address: string, init: RequestInit = {}) =>
    fetch(`${front.url}${path}`, { ...init, headers: { ...init.headers, "x-forwarded-for": address } });
  const view = (address: string) => openViewer(`${front.url}${path}`, { "x-forwarded-for": address });
  const close = async (...viewers: Viewer[]) => {
    for (const viewer of viewers) viewer.cut();
    await Promise.all(viewers.map(({ closed }) => closed));
  };
  /** Waits until somebody who is refused now is let in. */
  const untilWatched = (address: string) =>
    until(
      async () => {
        const answer = await watch(address, { headers: { range: "bytes=0-9" } });
        await answer.bytes();
        return answer.status;
      },
      (status) => status === 206,
    );
  /** Waits until there is room for all of them: nginx hears a moment later that those before are gone. */
  const viewAll = async (...addresses: string[]): Promise<Viewer[]> =>
    await until(
      async () => {
        const viewers = await Promise.all(addresses.map(view));
        const statuses = await Promise.all(viewers.map(({ status }) => status));
        if (statuses.every((status) => status === 200)) return viewers;
        await close(...viewers);
        return [];
      },
      (viewers) => viewers.length > 0,
    );
  const refused = async (address: string) => {
    const answer = await watch(address);
    expect(answer.headers.get("retry-after")).toBe("2");
    await expectProblem(answer, "too-many-streams");
  };

  test("are as many as one address may have, and it alone waits", async () => {
    const [one, two] = [await view("10.0.0.1"), await view("10.0.0.1")];
    expect([await one.status, await two.status]).toEqual([200, 200]);
    await refused("10.0.0.1");
    expect((await watch("10.0.0.2", { headers: { range: "bytes=-5" } })).status).toBe(206);
    const metrics = await (await fetch(`${drive.url}/metrics`)).text();
    expect(metrics).toMatch(/^sluice_streams_open 0$/m);
    await close(one);
    await untilWatched("10.0.0.1");
    await close(two);
  });

  test("are as many in all as there may be, whoever asks", async () => {
    const viewers = await viewAll("10.0.1.1", "10.0.1.2", "10.0.1.3");
    await refused("10.0.1.4");
    // What is no stream is answered all the same, and other files are.
    expect((await watch("10.0.1.4", { method: "HEAD" })).status).toBe(200);
    expect((await fetch(`${front.url}${path}/comments`)).status).toBe(200);
    const { id } = await owner.upload("notes.txt", new TextEncoder().encode("notes"));
    expect((await owner.fetch(`/file/download?id=${id}`)).status).toBe(200);
    await close(...viewers);
    await untilWatched("10.0.1.4");
  });

  test("give every slot back, whichever way their clients go", async () => {
    const statuses = new Set<number>();
    const ways: ((viewer: Viewer) => void)[] = [(v) => v.cut(), (v) => v.close(), (v) => v.halfClose()];
    const lane = async (_: unknown, n: number) => {
      for (let i = 0; i < 25; i++) {
        const viewer = await view(`10.0.2.${n}`);
        if (i % 2 === 0) statuses.add(await viewer.status);
        ways[(n + i) % ways.length]?.(viewer);
        statuses.add(await viewer.status);
        await close(viewer);
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    expect(statuses.has(200)).toBe(true);
    expect(statuses.has(429)).toBe(true);
    // All three slots are free, and there are three.
    const viewers = await viewAll("10.0.3.1", "10.0.3.2", "10.0.3.3");
    await refused("10.0.3.4");
    await close(...viewers);
    await untilWatched("10.0.3.4");
    expect(hashOf("sha1", await (await watch("10.0.3.4")).bytes())).toBe(hashOf("sha1", bytes));
  });
});

test.skipIf(lacksServers("nginx"))("a stream that nginx carries goes no faster than it may", async () => {
  await using drive = await startDrive({ env: { ...proxied, STREAM_BYTES_PER_SECOND: "1MiB" } });
  await using front = await startFront({ gateways: [addressOf(drive.url)], nodes: { n1: drive.dataDir } });
  const owner = await signUp(front.url);
  const { id } = await published(owner, wavOf(4 * 2 ** 20));
  const begin = performance.now();
  const answer = await fetch(`${front.url}/videos/${id}`);
  // A length is told by nginx alone: it carries this one.
  expect(answer.headers.get("content-length")).toBe(String(4 * 2 ** 20));
  expect((await answer.bytes()).length).toBe(4 * 2 ** 20);
  expect(performance.now() - begin).toBeGreaterThan(1500);
  const file = await owner.upload("free.bin", wavOf(4 * 2 ** 20, "free"));
  expect((await (await owner.fetch(`/file/download?id=${file.id}`)).bytes()).length).toBe(4 * 2 ** 20);
});
