import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { connectRedis } from "#lib/redis/mod.ts";

import {
  fetchShare,
  open,
  seen,
  share,
  shared,
  sharesOf,
  type OwnShareJson,
  type ShareJson,
} from "../acceptance/share_client.ts";
import { made } from "../acceptance/video_client.ts";
import { bytesOf, type Client, signUp, until } from "../support/client.ts";
import { startTestCluster } from "../support/cluster.ts";
import { startDrive } from "../support/drive.ts";
import { startGateways } from "../support/gateways.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(180_000);

const bytes = bytesOf(50_000, "shares under faults");

/** Somebody without a token. */
function visitor(url: string) {
  return { fetch: (path: string, init?: RequestInit) => fetch(`${url}${path}`, init) };
}

async function viewsOf(client: Client, code: string): Promise<number> {
  return (await sharesOf(client)).shares.find((own) => own.code === code)?.views ?? -1;
}

async function downloadsOf(client: Client, code: string): Promise<number> {
  return (await sharesOf(client)).shares.find((own) => own.code === code)?.downloads ?? -1;
}

/** How a request was answered, its bytes read; 0 where the connection broke. */
async function statusOf(answer: Promise<Response>): Promise<number> {
  try {
    const response = await answer;
    await response.bytes();
    return response.status;
  } catch {
    return 0;
  }
}

describe("a drive that is killed", () => {
  test("loses no view but those of its last second, and counts none twice", async () => {
    let drive = await startDrive();
    const alice = await signUp(drive.url);
    const { code } = await shared(alice, bytes);
    for (let round = 1, known = 0; round <= 3; round++) {
      for (let i = 0; i < 50; i++) await seen(open(visitor(drive.url), code));
      // Written, not only counted.
      await until(
        async () => await rowViews(drive.dataDir, code),
        (views) => views >= known + 50,
      );
      known += 50;
      const late = await Promise.all(Array.from({ length: 20 }, () => statusOf(open(visitor(drive.url), code))));
      await drive.kill();
      drive = await drive.restart();
      const left = await viewsOf(alice, code);
      expect(left).toBeGreaterThanOrEqual(known);
      expect(left).toBeLessThanOrEqual(known + late.length);
      known = left;
    }
    await drive[Symbol.asyncDispose]();
  });

  test("has written every view once it was told to stop", async () => {
    let drive = await startDrive();
    const alice = await signUp(drive.url);
    const { code } = await shared(alice, bytes);
    for (let i = 0; i < 25; i++) await seen(open(visitor(drive.url), code));
    await drive.stop();
    drive = await drive.restart();
    expect(await viewsOf(alice, code)).toBe(25);
    await drive[Symbol.asyncDispose]();
  });

  test("has let no more downloads begin than it has counted, and never more than may be", async () => {
    let drive = await startDrive();
    const alice = await signUp(drive.url);
    const { code } = await shared(alice, bytes, { maxDownloads: 200 });
    let got = 0;
    for (let round = 0; round < 3; round++) {
      const asking = Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 20; i++) if ((await statusOf(fetchShare(visitor(drive.url), code))) === 200) got++;
      });
      await Bun.sleep(100);
      await drive.kill();
      await Promise.all(asking);
      drive = await drive.restart();
      const counted = await downloadsOf(alice, code);
      expect(counted).toBeGreaterThanOrEqual(got);
      // What was counted and not answered: one for each who asked, each time.
      expect(counted).toBeLessThanOrEqual(got + (round + 1) * 8);
    }
    const before = await downloadsOf(alice, code);
    const rest = await Promise.all(Array.from({ length: 210 }, () => statusOf(fetchShare(visitor(drive.url), code))));
    expect(rest.filter((status) => status === 200)).toHaveLength(200 - before);
    expect(await downloadsOf(alice, code)).toBe(200);
    await drive[Symbol.asyncDispose]();
  });
});

describe("two gateways", () => {
  test("let through as many downloads as may be, also where one has to ask the other for the bytes", async () => {
    // Without a push the bytes stay in the first one's spool.
    await using gateways = await startGateways(2, { WORKERS: "merge,purge,sweep" });
    const [a] = await gateways.signUp();
    if (!a) throw new Error("two gateways");
    const { code } = await shared(a, bytes, { maxDownloads: 9 });
    const askers = gateways.drives.map(({ url }) => visitor(url));
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => statusOf(fetchShare(askers[i % 2] ?? visitor(""), code))),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(9);
    expect(statuses.filter((status) => status === 410)).toHaveLength(31);
    expect(await downloadsOf(a, code)).toBe(9);
    // A gateway that cannot be asked costs no download.
    const other = await shared(a, bytes, { maxDownloads: 1 });
    await gateways.drives[0]?.kill();
    const [, b] = askers;
    expect(b && (await statusOf(fetchShare(b, other.code)))).toBe(503);
    expect(b && (await seen(open(b, other.code)))).toMatchObject({ downloads: 0 });
    const back = await gateways.drives[0]?.restart();
    if (back) gateways.drives[0] = back;
    expect(b && (await statusOf(fetchShare(b, other.code)))).toBe(200);
  });

  test("each write the views that they have counted", async () => {
    await using gateways = await startGateways(2);
    const [a] = await gateways.signUp();
    if (!a) throw new Error("two gateways");
    const { code } = await shared(a, bytes);
    await Promise.all(gateways.drives.flatMap(({ url }) => Array.from({ length: 30 }, () => seen(open(visitor(url), code)))));
    await until(
      () => viewsOf(a, code),
      (views) => views === 60,
    );
  });
});

describe.skipIf(lacksServers("mysql", "redis", "amqp", "s3", "nginx"))("a cluster", () => {
  test("goes on counting while gateways and Redis are killed and Redis is emptied", async () => {
    await using cluster = await startTestCluster();
    const alice = await signUp(cluster.nginx);
    const { id: fileId } = await alice.upload("often.bin", bytes);
    const listed = async () => await made<OwnShareJson>(share(alice, { fileId, listed: true }));
    const [first, second] = [await listed(), await listed()];
    const look = async (code: string, times: number) => {
      for (let i = 0; i < times; i++)
        await until(
          () => statusOf(open(visitor(cluster.nginx), code)),
          (status) => status === 200,
        );
    };
    // In the row, where nobody's death takes them: what is only told is in Redis until some gateway has written it.
    const untilWritten = async (code: string, views: number) => {
      await until(
        async () => Number((await cluster.database.root(`SELECT views FROM shares WHERE code = '${code}'`))[0]?.["views"]),
        (written) => written === views,
        60_000,
      );
      // Whoever writes them takes them off Redis just after.
      await until(
        () => viewsOf(alice, code),
        (shown) => shown === views,
        60_000,
      );
    };
    const order = async () => {
      const { shares } = await seen<{ shares: ShareJson[] }>(visitor(cluster.nginx).fetch("/share/top"));
      return shares.map(({ code }) => code).filter((code) => code === first.code || code === second.code);
    };
    await look(first.code, 10);
    await look(second.code, 20);
    await untilWritten(first.code, 10);
    await untilWritten(second.code, 20);
    expect(await until(order, ([top]) => top === second.code)).toEqual([second.code, first.code]);

    await cluster.servers.kill("redis");
    await look(first.code, 30);
    // The rows know the order, too.
    expect(await order()).toEqual([second.code, first.code]);
    await cluster.servers.start("redis");
    await untilWritten(first.code, 40);
    expect(await until(order, ([top]) => top === first.code)).toEqual([first.code, second.code]);

    const admin = await connectRedis({ url: cluster.servers.redis, name: "admin", onError: () => {} });
    await admin.run((commands) => commands.flushall());
    await admin.close();
    expect(await order()).toEqual([first.code, second.code]);
    await look(second.code, 40);
    await untilWritten(second.code, 60);
    expect(await until(order, ([top]) => top === second.code)).toEqual([second.code, first.code]);

    await cluster.kill("gateway-1");
    await look(first.code, 40);
    await untilWritten(first.code, 80);
    await cluster.start("gateway-1");
    await cluster.kill("gateway-2");
    await look(first.code, 10);
    await untilWritten(first.code, 90);
    await cluster.start("gateway-2");
  });

  test("lets through as many downloads as may be while gateways are killed", async () => {
    await using cluster = await startTestCluster();
    const alice = await signUp(cluster.nginx);
    const { code } = await shared(alice, bytes, { maxDownloads: 60 });
    let got = 0;
    const asking = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 40; i++) if ((await statusOf(fetchShare(visitor(cluster.nginx), code))) === 200) got++;
      }),
    );
    await until(
      async () => got,
      (count) => count > 10,
    );
    await cluster.kill("gateway-1");
    await until(
      async () => got,
      (count) => count > 20,
    );
    await cluster.start("gateway-1");
    await asking;
    expect(await downloadsOf(alice, code)).toBe(60);
    expect(got).toBeLessThanOrEqual(60);
    // Of the gateway that was killed, at most what it was answering.
    expect(got).toBeGreaterThanOrEqual(60 - 8);
  });
});

/** What stands in the row. */
async function rowViews(dataDir: string, code: string): Promise<number> {
  using catalog = new Database(`${dataDir}/catalog.sqlite`, { readonly: true });
  catalog.run("PRAGMA busy_timeout = 5000");
  return catalog.query<{ views: number }, [string]>("SELECT views FROM shares WHERE code = ?").get(code)?.views ?? -1;
}
