import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { sendRaw, statusOf } from "../acceptance/raw.ts";
import { problem } from "../acceptance/target.ts";
import { bytesOf, type Client, signUp, until } from "../support/client.ts";
import { readDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { addressOf, type Front, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

describe.skipIf(lacksServers("nginx"))("a client of the front", () => {
  let drive: Drive;
  let front: Front;
  let client: Client;

  beforeAll(async () => {
    drive = await startDrive({ env: { NODE_ID: "n1", TRUSTED_PROXIES: "127.0.0.1", WORKERS: "merge,sweep" } });
    front = await startFront({ gateways: [addressOf(drive.url)], nodes: { n1: drive.dataDir }, metricsAllow: [] });
    client = await signUp(front.url);
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await drive[Symbol.asyncDispose]();
  });

  const loggedAddress = async (requestId: string) => {
    const line = new RegExp(`"requestId":"${requestId}".*"address":"([^"]*)"`);
    return (
      await until(
        async () => line.exec(drive.output()),
        (found) => found !== null,
      )
    )?.[1];
  };

  test("cannot say what its address is", async () => {
    const faked = { "x-real-ip": "6.6.6.6", "x-forwarded-for": "6.6.6.6", forwarded: "for=6.6.6.6", x_real_ip: "6.6.6.6" };
    await (await fetch(`${front.url}/healthz`, { headers: { ...faked, "x-request-id": "who-am-i-1" } })).bytes();
    expect(await loggedAddress("who-am-i-1")).toBe("127.0.0.1");
  });

  test("cannot pass for the front: what it says of it is not passed on", async () => {
    await using other = await startFront({ gateways: [addressOf(drive.url)] });
    const { id } = await client.upload("a.bin", bytesOf(5000));
    const headers = {
      authorization: `Bearer ${client.token}`,
      "x-accel-nodes": "n1",
      "x-accel-store": "http://x",
      x_accel_nodes: "n1",
    };
    const answer = await fetch(`${other.url}/file/download?id=${id}`, { headers });
    expect([answer.status, (await answer.bytes()).byteLength]).toEqual([200, 5000]);
    // The gateway alone: only of a proxy that it was told to trust.
    await using stranger = await startDrive({ env: { NODE_ID: "n1", WORKERS: "merge,sweep" } });
    const bob = await signUp(stranger.url);
    const file = await bob.upload("b.bin", bytesOf(100));
    const direct = await bob.fetch(`/file/download?id=${file.id}`, { headers: { "x-accel-nodes": "n1" } });
    expect([direct.headers.get("x-accel-redirect"), (await direct.bytes()).byteLength]).toEqual([null, 100]);
  });

  test("cannot reach what is internal", async () => {
    const { sha1 } = await client.upload("secret.bin", bytesOf(4000));
    const spoolId = (await readDataDir(drive.dataDir)).blobs.find((blob) => blob.sha1 === sha1)?.spool_id ?? "";
    const paths = [
      `/_accel/n1/spool/${spoolId}.data`,
      `/%5Faccel/n1/spool/${spoolId}.data`,
      `//_accel//n1/spool/${spoolId}.data`,
      `/x/..%2F_accel/n1/spool/${spoolId}.data`,
      "/_accel/n1/spool/../secrets/token-keys",
      "/_accel/n1/spool/..%2fsecrets/token-keys",
      "/_accel/n1/catalog.sqlite",
      "/_object/bucket/key",
      "/_problem",
      "/nginx_status",
      "/@gateway_sends",
    ];
    for (const path of paths) {
      // As it stands: an HTTP client would normalise it.
      const answer = await sendRaw(front.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\n\r\n`);
      expect([path, statusOf(answer)]).toEqual([path, 404]);
      expect(answer).toContain('"code":"not-found"');
    }
  });

  const roundabout =
    "/metrics /%6Detrics //metrics /./metrics /x/../metrics /metrics?x /x/..\\metrics /\\metrics /x\\..\\metrics /metrics#x " +
    "/%2Fmetrics /x%5C..%5Cmetrics http://y/metrics /METRICS /metrics/ /metrics%00 /metrics;x";

  test.each(roundabout.split(" "))("gets no metrics by %s", async (path) => {
    const answer = await sendRaw(front.url, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect([400, 403, 404]).toContain(statusOf(answer));
    expect(answer).not.toContain("http_requests_total");
  });

  test("gets metrics where its address may", async () => {
    await problem(fetch(`${front.url}/metrics`), 403, "forbidden");
    await using open = await startFront({ gateways: [addressOf(drive.url)], metricsAllow: ["10.0.0.0/8", "127.0.0.0/8"] });
    expect(await (await fetch(`${open.url}/metrics`)).text()).toContain("http_requests_total");
  });

  test("is known by what a proxy before the front says, if that one is trusted", async () => {
    await using inner = await startFront({ gateways: [addressOf(drive.url)], frontProxies: ["127.0.0.1", "10.0.0.0/8"] });
    const ask = async (id: string, forwarded: string) => {
      await (await fetch(`${inner.url}/healthz`, { headers: { "x-forwarded-for": forwarded, "x-request-id": id } })).bytes();
      return await loggedAddress(id);
    };
    expect(await ask("chain-of-one", "203.0.113.9")).toBe("203.0.113.9");
    expect(await ask("chain-of-three", "6.6.6.6, 203.0.113.9, 10.1.1.1")).toBe("203.0.113.9");
  });

  test("is kept to a number of sign-ins and of downloads, each as a problem document", async () => {
    await using strict = await startFront({
      gateways: [addressOf(drive.url)],
      signInsPerSecond: 1,
      signInBurst: 3,
      connectionsPerClient: 2,
    });
    const signIn = () =>
      fetch(`${strict.url}/user/${client.username}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ password: client.password }),
      });
    const answers = await Promise.all(Array.from({ length: 10 }, signIn));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(4);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const answer of refused) {
      expect(answer.headers.get("retry-after")).toBe("5");
      await problem(answer, 429, "too-many-attempts");
    }
    // Looking at one's account is no sign-in.
    const headers = { authorization: `Bearer ${client.token}` };
    for (let i = 0; i < 10; i++) {
      const profile = await fetch(`${strict.url}/user/${client.username}`, { headers });
      expect(profile.status).toBe(200);
      await profile.bytes();
    }
    const { id } = await client.upload("big.bin", bytesOf(60_000_000));
    const held = await Promise.all([1, 2].map(() => fetch(`${strict.url}/file/download?id=${id}`, { headers })));
    expect(held.map(({ status }) => status)).toEqual([200, 200]);
    await problem(fetch(`${strict.url}/file/download?id=${id}`, { headers }), 429, "too-many-attempts");
    await Promise.all(held.map((answer) => answer.body?.cancel()));
  });
});
