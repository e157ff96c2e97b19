import { expect, setDefaultTimeout, test } from "bun:test";

import { eventually } from "../contract/eventually.ts";
import { bytesOf, hashOf, signUp, until } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { expectProblem } from "../support/expect_problem.ts";
import { addressOf, startFront } from "../support/front.ts";
import { startOssBucket } from "../support/oss_bucket.ts";
import { startOssProcess } from "../support/oss_process.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

const impatient = { answerTimeout: "2s", idleTimeout: "2s", partBytes: "1MiB" };

test("a drive whose OSS goes away takes uploads all the same, and pushes them when it is back", async () => {
  await using oss = await startOssProcess();
  await using drive = await startDrive({ env: { STORE_URL: oss.url(impatient) } });
  const client = await signUp(drive.url);
  const stored = async (id: string) =>
    await until(
      async () => await client.json<{ state: string }>(200, `/file/query?id=${id}`),
      ({ state }) => state === "stored",
    );
  const [before, during] = [bytesOf(5_000_000, "before"), bytesOf(9_000_000, "during")];
  const first = await client.upload("before.bin", before);
  await stored(first.id);

  await oss.kill();
  const second = await client.upload("during.bin", during);
  expect(second.state).toBe("spooled");
  expect(hashOf("sha1", await client.download(second.id))).toBe(hashOf("sha1", during));
  await expectProblem(await client.fetch(`/file/download?id=${first.id}`), "unavailable");
  await oss.start();

  await stored(second.id);
  for (const [file, bytes] of [
    [first, before],
    [second, during],
  ] as const) {
    expect(hashOf("sha1", await client.download(file.id))).toBe(hashOf("sha1", bytes));
    const range = await client.download(file.id, { range: "bytes=3000000-3000009" });
    expect([...range]).toEqual([...bytes.subarray(3_000_000, 3_000_010)]);
  }
  expect(await drive.stop()).toBe(0);
});

test("a drive that is killed while it pushes goes on with the parts that OSS has, and a deleted file's object goes", async () => {
  await using bucket = await startOssBucket();
  const { faults, seen } = bucket.server;
  const { uploads, objects } = bucket.server.bucket(bucket.name);
  // The second half of 10 parts does not get through.
  faults.add({ method: "PUT", url: "partNumber", skip: 5, times: Infinity, hang: true });
  const drive = await startDrive({ env: { STORE_URL: bucket.url({ ...impatient, idleTimeout: "60s" }) } });
  await using _ = drive;
  const client = await signUp(drive.url);
  const bytes = bytesOf(10 * 2 ** 20, "pushed");
  const file = await client.upload("pushed.bin", bytes);
  const held = await eventually("5 parts are there", async () => {
    const [upload] = await uploads.all();
    const parts = upload === undefined ? [] : await uploads.parts(upload.id);
    return parts.length === 5 && parts.map(({ number }) => number);
  });
  await drive.kill();
  faults.clear();
  const from = seen.length;
  await using again = await drive.restart();
  await until(
    async () => await client.json<{ state: string }>(200, `/file/query?id=${file.id}`),
    ({ state }) => state === "stored",
  );
  const sent = seen.slice(from).flatMap(({ url, status }) => (status === 200 ? (/partNumber=(\d+)/.exec(url)?.[1] ?? []) : []));
  expect(sent.map(Number).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((n) => !held.includes(n)));
  expect(hashOf("sha1", await client.download(file.id))).toBe(hashOf("sha1", bytes));
  expect([(await objects.keys()).length, await bucket.unfinished()]).toEqual([1, 0]);

  expect((await client.fetch("/file/delete", { method: "POST", json: { id: file.id } })).status).toBe(204);
  await eventually("the object is gone", async () => (await objects.keys()).length === 0, 60_000);
  expect(await again.stop()).toBe(0);
});

test.skipIf(lacksServers("nginx")).each(["v4", "v1"])(
  "objects pass from OSS through nginx, past the gateway, signed by %s",
  async (signature) => {
    await using bucket = await startOssBucket();
    const STORE_URL = bucket.url({ ...impatient, signature });
    await using drive = await startDrive({ env: { STORE_URL, TRUSTED_PROXIES: "127.0.0.1" } });
    const endpoint = `http://localhost:${bucket.server.port}`;
    await using front = await startFront({ gateways: [addressOf(drive.url)], stores: [{ endpoint }] });
    const client = await signUp(front.url);
    const bytes = bytesOf(3_000_000, "fronted");
    const file = await client.upload("fronted.bin", bytes);
    await until(
      async () => await client.json<{ state: string }>(200, `/file/query?id=${file.id}`),
      ({ state }) => state === "stored",
    );
    const from = bucket.server.seen.length;
    expect(hashOf("sha1", await client.download(file.id))).toBe(hashOf("sha1", bytes));
    const answer = await client.fetch(`/file/download?id=${file.id}`, { headers: { range: "bytes=1000000-1000009" } });
    expect(answer.status).toBe(206);
    expect([...(await answer.bytes())]).toEqual([...bytes.subarray(1_000_000, 1_000_010)]);
    expect(answer.headers.get("content-disposition")).toContain("fronted.bin");
    expect([...answer.headers.keys()].filter((name) => name.startsWith("x-oss"))).toEqual([]);
    // By a signed URL: the gateway's own requests are signed in their heads. The sweep may list unfinished puts meanwhile.
    const asked = bucket.server.seen.slice(from).filter(({ method, url }) => method === "GET" && !/[?&]uploads\b/.test(url));
    expect(asked.map(({ url, status }) => [/Signature=|x-oss-signature=/.test(url), status])).toEqual([
      [true, 200],
      [true, 206],
    ]);
    // A store that refuses is the gateway's to answer for.
    bucket.server.faults.add({ method: "GET", status: 503 });
    expect(hashOf("sha1", await client.download(file.id))).toBe(hashOf("sha1", bytes));
  },
);
