import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { truncate } from "node:fs/promises";
import { join } from "node:path";

import { bytesOf, type Client, signUp, until } from "../support/client.ts";
import { readDataDir, spoolPath } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { addressOf, type Front, startFront } from "../support/front.ts";
import { openChunk } from "../support/raw_request.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

const GiB = 2 ** 30;

describe.skipIf(lacksServers("nginx"))("through nginx", () => {
  let drive: Drive;
  let front: Front;
  let client: Client;

  beforeAll(async () => {
    // Nothing pushes: files stay in the spool.
    drive = await startDrive({ env: { NODE_ID: "n1", TRUSTED_PROXIES: "127.0.0.1", WORKERS: "merge,sweep" } });
    front = await startFront({ gateways: [addressOf(drive.url)], nodes: { n1: drive.dataDir } });
    client = await signUp(front.url);
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await drive[Symbol.asyncDispose]();
  });

  /** A file of any size in no time: a small one whose spool file is drawn out, and the rows with it. */
  const sparseFile = async (name: string, size: number): Promise<string> => {
    const { id, sha1 } = await client.upload(name, bytesOf(1000, name));
    const blob = (await readDataDir(drive.dataDir)).blobs.find((row) => row.sha1 === sha1);
    if (!blob?.spool_id) throw new Error(`${name} is not in the spool`);
    await truncate(spoolPath(drive.dataDir, blob.spool_id), size);
    using catalog = new Database(join(drive.dataDir, "catalog.sqlite"));
    catalog.run("PRAGMA busy_timeout = 5000");
    catalog.run("UPDATE blobs SET size = ? WHERE id = ?", [size, blob.id]);
    catalog.run("UPDATE files SET size = ? WHERE blob_id = ?", [size, blob.id]);
    return id;
  };

  test("a download of 2 GiB goes on while the gateway stands still", async () => {
    const id = await sparseFile("large.bin", 2 * GiB);
    const answer = await client.fetch(`/file/download?id=${id}`);
    expect([answer.status, answer.headers.get("content-length")]).toEqual([200, String(2 * GiB)]);
    process.kill(drive.pid, "SIGSTOP");
    let received = 0;
    try {
      for await (const piece of answer.body ?? []) received += piece.byteLength;
    } finally {
      process.kill(drive.pid, "SIGCONT");
    }
    expect(received).toBe(2 * GiB);
  });

  test("ranges beyond 4 GiB are right", async () => {
    const size = 6 * GiB + 5;
    const id = await sparseFile("huge.bin", size);
    const answer = await client.fetch(`/file/download?id=${id}`, { headers: { range: `bytes=${5 * GiB}-${5 * GiB + 9}` } });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([206, `bytes ${5 * GiB}-${5 * GiB + 9}/${size}`]);
    expect(await answer.bytes()).toEqual(new Uint8Array(10));
    const tail = await client.fetch(`/file/download?id=${id}`, { headers: { range: "bytes=-7" } });
    expect([tail.status, tail.headers.get("content-range")]).toEqual([206, `bytes ${size - 7}-${size - 1}/${size}`]);
    await tail.bytes();
  });

  test("a chunk reaches the gateway while it is being sent", async () => {
    const size = 1_000_000;
    const { uploadId } = await client.init({ name: "slow.bin", size });
    const bytes = bytesOf(size);
    const request = await openChunk(client, uploadId, 1, { "content-length": size });
    request.write(bytes.subarray(0, 600_000));
    // Nothing that is kept back could be in the spool.
    const spooled = async () => Bun.file(spoolPath(drive.dataDir, uploadId)).slice(0, 500_000).bytes();
    const isThere = async () => Buffer.compare(await spooled(), bytes.subarray(0, 500_000)) === 0;
    await until(isThere, Boolean);
    request.write(bytes.subarray(600_000));
    expect((await request.answer)?.status).toBe(200);
    request.end();
  });

  test("an event reaches the client at once, uncompressed, and the stream outlives silence", async () => {
    const events = await client.fetch("/file/events", { headers: { "accept-encoding": "gzip" } });
    expect([events.headers.get("content-type"), events.headers.get("content-encoding")]).toEqual(["text/event-stream", null]);
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const readUntil = async (wanted: string) => {
      while (!text.includes(wanted)) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
        text += value;
      }
    };
    await readUntil(": connected");
    const { id } = await client.upload("news.bin", bytesOf(100));
    await readUntil(id);
    await reader?.cancel();
  });

  test("text is compressed for who takes it, and a download never is", async () => {
    const headers = { "accept-encoding": "gzip" };
    const document = await fetch(`${front.url}/openapi.json`, { headers });
    expect([document.headers.get("content-encoding"), document.headers.get("vary")]).toEqual(["gzip", "Accept-Encoding"]);
    expect(document.headers.get("content-type")).toBe("application/json");
    expect(await document.json()).toMatchObject({ openapi: "3.1.0" });
    const page = await fetch(`${front.url}/file/upload`, { headers });
    expect(page.headers.get("content-encoding")).toBe("gzip");
    expect(page.headers.get("content-type")?.toLowerCase()).toBe("text/html; charset=utf-8");
    await page.bytes();
    const { id } = await client.upload("notes.txt", new TextEncoder().encode("words ".repeat(1000)));
    const answer = await client.fetch(`/file/download?id=${id}`, { headers });
    expect([answer.headers.get("content-encoding"), answer.headers.get("content-length")]).toEqual([null, "6000"]);
    await answer.bytes();
  });
});
