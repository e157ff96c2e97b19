import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { problem } from "../acceptance/target.ts";
import { bytesOf, type ChallengeJson, type Client, chunkOf, hashOf, proofOf, until } from "../support/client.ts";
import type { Drive } from "../support/drive.ts";
import { type Gateways, startGateways } from "../support/gateways.ts";
import { openChunk } from "../support/raw_request.ts";

setDefaultTimeout(300_000);

const chunkSize = 256 * 1024;
const MiB = 2 ** 20;

const post = (client: Client, path: string, json: unknown) => client.fetch(path, { method: "POST", json });
const spoolOf = ({ dataDir }: Pick<Drive, "dataDir">) => readdir(join(dataDir, "spool"));
const untilSpoolIs = (drive: Drive, count: number) =>
  until(
    () => spoolOf(drive),
    ({ length }) => length === count,
  );

/** Two gateways and a user as a client of each: `a` and `owner` are those of the first. */
async function pair(env: Record<string, string> = {}, ofOwner: Record<string, string> = {}) {
  const gateways = await startGateways(2, env, [ofOwner]);
  const [a, b] = await gateways.signUp();
  const [owner, other] = gateways.drives;
  if (!a || !b || !owner || !other) throw new Error("two gateways");
  return { gateways, a, b, owner, other, [Symbol.asyncDispose]: () => gateways[Symbol.asyncDispose]() };
}

/** Starts the first gateway again, after it has ended. */
async function bringBack(gateways: Gateways): Promise<Drive> {
  const [ended] = gateways.drives;
  if (!ended) throw new Error("a gateway");
  return (gateways.drives[0] = await ended.restart());
}

async function expectAway(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await problem(response, 503, "unavailable")).detail).toContain("node-0");
}

describe("when the gateway beside the bytes is killed", () => {
  test("the others say so, and everything goes on when it is back", async () => {
    await using cluster = await pair({ WORKERS: "merge,purge,sweep" });
    const { gateways, a, b, owner } = cluster;
    const bytes = bytesOf(4 * chunkSize, "killed owner");
    const spooled = await a.upload("spooled.bin", bytesOf(100_000, "spooled"));
    const body = { name: "a.bin", size: bytes.byteLength, sha1: hashOf("sha1", bytes), chunkSize };
    const { uploadId } = await a.init(body);
    expect((await b.chunk(uploadId, 1, chunkOf(bytes, chunkSize, 1))).status).toBe(200);
    await owner.kill();

    await expectAway(b.chunk(uploadId, 2, chunkOf(bytes, chunkSize, 2)));
    await expectAway(b.fetch(`/file/mpupload/status?uploadid=${uploadId}`));
    await expectAway(post(b, "/file/mpupload/complete", { uploadId }));
    await expectAway(post(b, "/file/mpupload/init", body));
    await expectAway(b.fetch(`/file/download?id=${spooled.id}`));
    // What needs no bytes is answered all the same.
    expect((await b.fetch(`/file/download?id=${spooled.id}`, { method: "HEAD" })).status).toBe(200);
    expect((await b.fetch(`/file/query?id=${spooled.id}`)).status).toBe(200);
    expect((await b.upload("b.bin", bytesOf(1000, "meanwhile"))).size).toBe(1000);

    await bringBack(gateways);
    expect(await b.status(uploadId)).toMatchObject({ received: 1, missing: [2, 3, 4] });
    for (const index of [2, 3, 4]) {
      expect((await b.chunk(uploadId, index, chunkOf(bytes, chunkSize, index))).status).toBe(200);
    }
    expect((await post(b, "/file/mpupload/complete", { uploadId })).status).toBe(202);
    const { fileId = "" } = await b.settled(uploadId, "done", "failed");
    expect(hashOf("sha1", await b.download(fileId))).toBe(body.sha1);
    expect(hashOf("sha1", await b.download(spooled.id))).toBe(spooled.sha1);
  });

  test("an upload of its own is cancelled all the same, and its bytes go when it is back", async () => {
    await using cluster = await pair();
    const { gateways, a, b, owner } = cluster;
    const { uploadId } = await a.init({ name: "a.bin", size: 2 * chunkSize, chunkSize });
    await b.chunk(uploadId, 1, bytesOf(chunkSize));
    await owner.kill();
    expect((await post(b, "/file/mpupload/cancel", { uploadId })).status).toBe(204);
    expect(await b.status(uploadId)).toMatchObject({ state: "cancelled" });
    expect(await spoolOf(owner)).toHaveLength(2);
    await untilSpoolIs(await bringBack(gateways), 0);
  });

  test("a proof for bytes that only it holds is refused as any other, so that nothing is told", async () => {
    await using cluster = await pair({ WORKERS: "merge,purge,sweep" });
    const { gateways, a, owner } = cluster;
    const [, bob] = await gateways.signUp();
    if (!bob) throw new Error("two gateways");
    const bytes = bytesOf(200_000, "not told");
    await a.upload("a.bin", bytes);
    const sha1 = hashOf("sha1", bytes);
    const ask = () =>
      bob.json<ChallengeJson>(200, "/file/fastupload", { method: "POST", json: { sha1, size: 200_000, name: "b" } });
    const prove = (asked: ChallengeJson) =>
      post(bob, "/file/fastupload", { challengeId: asked.challenge.id, proof: proofOf(asked, bytes), name: "b" });
    const asked = await ask();
    await owner.kill();
    const begin = performance.now();
    const { instance: _, ...refusal } = await problem(prove(asked), 404, "not-instant");
    expect(performance.now() - begin).toBeGreaterThan(99);
    await bringBack(gateways);
    // Taken, as by any answer.
    expect(await problem(prove(asked), 404, "not-instant")).toMatchObject(refusal);
    expect((await prove(await ask())).status).toBe(201);
  });

  test("in the middle of a forwarded chunk, the chunk is sent again", async () => {
    await using cluster = await pair();
    const { gateways, a, b, owner } = cluster;
    const bytes = bytesOf(4 * MiB, "in the middle");
    const { uploadId } = await a.init({ name: "a.bin", size: bytes.byteLength, chunkSize: bytes.byteLength });
    const request = await openChunk(b, uploadId, 1, { "content-length": bytes.byteLength });
    request.write(bytes.subarray(0, MiB));
    await until(
      async () => (await readFile(join(owner.dataDir, "spool", `${uploadId}.data`))).includes(bytes.subarray(0, 1000)),
      Boolean,
    );
    await owner.kill();
    request.write(bytes.subarray(MiB));
    expect((await request.answer)?.status).toBe(503);
    request.cut();
    await bringBack(gateways);
    expect((await b.chunk(uploadId, 1, bytes)).status).toBe(200);
    await post(b, "/file/mpupload/complete", { uploadId });
    const { fileId = "" } = await b.settled(uploadId, "done", "failed");
    expect(hashOf("sha1", await b.download(fileId))).toBe(hashOf("sha1", bytes));
  });

  test("a download through another is cut, and not taken for whole", async () => {
    await using cluster = await pair({ WORKERS: "none" });
    const { a, b, owner } = cluster;
    const bytes = bytesOf(64 * MiB, "cut download");
    const { id } = await a.upload("large.bin", bytes);
    const answer = await b.fetch(`/file/download?id=${id}`);
    const reader = answer.body!.getReader();
    let seen = (await reader.read()).value?.byteLength ?? 0;
    await owner.kill();
    const rest = async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return "whole";
        seen += value.byteLength;
      }
    };
    expect(await rest().catch(() => "cut")).toBe("cut");
    expect(seen).toBeLessThan(bytes.byteLength);
  });

  test("the content that only it held is taken anew from whoever brings it, and held once when it is back", async () => {
    // Nobody pushes for the owner, so that the bytes are nowhere else.
    await using cluster = await pair({}, { WORKERS: "merge,purge,sweep" });
    const { gateways, a, b, owner } = cluster;
    const bytes = bytesOf(300_000, "heals");
    const first = await a.upload("first.bin", bytes);
    await owner.stop();
    await expectAway(b.fetch(`/file/download?id=${first.id}`));
    const second = await b.upload("second.bin", bytes);
    for (const { id } of [first, second]) expect(hashOf("sha1", await b.download(id))).toBe(first.sha1);
    const back = await owner.restart({ WORKERS: "merge,push,purge,sweep" });
    gateways.drives[0] = back;
    for (const drive of gateways.drives) await untilSpoolIs(drive, 0);
    for (const client of [a, b]) expect(hashOf("sha1", await client.download(first.id))).toBe(first.sha1);
    expect(back.output()).not.toContain('"verdict":"park"');
  });
});

test("a node whose disk is lost goes on with an empty one under the same name", async () => {
  await using cluster = await pair({}, { WORKERS: "merge,purge,sweep" });
  const { gateways, a, b, owner } = cluster;
  const [spooled, bytes] = [bytesOf(100_000, "lost"), bytesOf(2 * chunkSize, "sent again")];
  const { id } = await a.upload("lost.bin", spooled);
  const { uploadId } = await a.init({ name: "open.bin", size: bytes.byteLength, chunkSize });
  await a.chunk(uploadId, 1, chunkOf(bytes, chunkSize, 1));
  await owner.kill();
  for (const name of ["spool", "node-id", "lock.sqlite", "lock.json"]) {
    await rm(join(owner.dataDir, name), { recursive: true, force: true });
  }
  const back = (gateways.drives[0] = await owner.restart({ WORKERS: "merge,push,purge,sweep" }));

  expect(await b.status(uploadId)).toMatchObject({ state: "open", received: 0, missing: [1, 2] });
  for (const index of [1, 2]) {
    const send = async () => (await b.chunk(uploadId, index, chunkOf(bytes, chunkSize, index))).status;
    // The first that comes finds no file, and makes it.
    await until(send, (status) => status === 200);
  }
  await post(b, "/file/mpupload/complete", { uploadId });
  const { fileId = "" } = await b.settled(uploadId, "done", "failed");
  expect(hashOf("sha1", await b.download(fileId))).toBe(hashOf("sha1", bytes));
  await until(
    async () => back.output(),
    (output) => output.includes('"verdict":"park"'),
  );
  await problem(b.fetch(`/file/download?id=${id}`), 500, "content-lost");
  await a.upload("again.bin", spooled);
  expect(hashOf("sha1", await b.download(id))).toBe(hashOf("sha1", spooled));
  await untilSpoolIs(back, 0);
});

test("a gateway that hangs is left alone after a while, and asked again when it moves", async () => {
  await using cluster = await pair();
  const { a, b, owner } = cluster;
  const { uploadId } = await a.init({ name: "a.bin", size: chunkSize, chunkSize });
  const ask = async () => {
    const answer = b.fetch(`/file/mpupload/status?uploadid=${uploadId}`, { signal: AbortSignal.timeout(1000) });
    return await answer.then(
      ({ status }) => status,
      () => "no answer",
    );
  };
  process.kill(owner.pid, "SIGSTOP");
  try {
    expect(await ask()).toBe("no answer");
    await until(ask, (status) => status === 503, 60_000);
  } finally {
    process.kill(owner.pid, "SIGCONT");
  }
  await until(ask, (status) => status === 200);
});

describe("a client that goes in the middle of what is sent on", () => {
  test("frees the chunk at the gateway that received it", async () => {
    await using cluster = await pair();
    const { a, b, owner } = cluster;
    const bytes = bytesOf(4 * MiB, "goes");
    const { uploadId } = await a.init({ name: "a.bin", size: bytes.byteLength, chunkSize: bytes.byteLength });
    const request = await openChunk(b, uploadId, 1, { "content-length": bytes.byteLength, "x-request-id": "client-goes-away" });
    request.write(bytes.subarray(0, 2 * MiB));
    await Bun.sleep(200);
    request.cut();
    const line = await until(
      async () =>
        owner
          .output()
          .split("\n")
          .find((text) => text.includes("client-goes-away")) ?? "",
      (text) => text !== "",
    );
    expect(JSON.parse(line)).toMatchObject({ status: 400, code: "incomplete-body", forwardedFrom: "node-1" });
    expect((await b.chunk(uploadId, 1, bytes)).status).toBe(200);
    expect(await a.status(uploadId)).toMatchObject({ received: 1 });
  });

  test("is told of a chunk that a later request took over", async () => {
    await using cluster = await pair();
    const { a, b } = cluster;
    const bytes = bytesOf(MiB, "preempted");
    const { uploadId } = await a.init({ name: "a.bin", size: bytes.byteLength, chunkSize: bytes.byteLength });
    const first = await openChunk(b, uploadId, 1, { "content-length": bytes.byteLength });
    first.write(bytes.subarray(0, 1000));
    await Bun.sleep(200);
    expect((await a.chunk(uploadId, 1, bytes)).status).toBe(200);
    expect(await first.answer).toMatchObject({ status: 409, text: expect.stringContaining("chunk-preempted") });
    first.cut();
  });
});

describe("each sweep sees to its own node's spool", () => {
  test("an upload that expires while its gateway is away loses its bytes when that is back", async () => {
    await using cluster = await pair({ UPLOAD_TTL: "3s" });
    const { gateways, a, b, owner } = cluster;
    const { uploadId } = await a.init({ name: "a.bin", size: chunkSize, chunkSize });
    await owner.kill();
    // Until then only the owner could tell how far it is.
    await until(
      () => b.fetch(`/file/mpupload/status?uploadid=${uploadId}`),
      ({ status }) => status === 200,
    );
    expect(await b.status(uploadId)).toMatchObject({ state: "cancelled" });
    expect(await spoolOf(owner)).toHaveLength(2);
    await untilSpoolIs(await bringBack(gateways), 0);
  });

  test("an account that is deleted at one frees the disk of the other, and leaves what others have there", async () => {
    await using cluster = await pair({ WORKERS: "merge,purge,sweep" });
    const { gateways, a, b, owner, other } = cluster;
    const [neighbour] = await gateways.signUp();
    const kept = await neighbour!.upload("kept.bin", bytesOf(1000, "kept"));
    const open = await neighbour!.init({ name: "open.bin", size: chunkSize, chunkSize });
    await a.init({ name: "a.bin", size: chunkSize, chunkSize });
    await a.upload("b.bin", bytesOf(2000, "gone"));
    await b.upload("c.bin", bytesOf(3000, "gone, too"));
    expect((await b.fetch(`/user/${b.username}`, { method: "DELETE" })).status).toBe(204);
    await untilSpoolIs(other, 0);
    const left = await until(
      () => spoolOf(owner),
      ({ length }) => length === 3,
    );
    expect(left.filter((name) => name.startsWith(open.uploadId))).toHaveLength(2);
    expect((await neighbour!.download(kept.id)).byteLength).toBe(1000);
  });
});

test("bodies of any size pass through in little memory", async () => {
  await using cluster = await pair({ WORKERS: "merge,purge,sweep" });
  const { a, b, other } = cluster;
  const bytes = bytesOf(64 * MiB, "large");
  const size = 8 * bytes.byteLength;
  const { uploadId, chunkCount } = await a.init({ name: "large.bin", size, chunkSize: bytes.byteLength });
  const before = await residentBytes(other);
  let most = 0;
  const watching = setInterval(() => void residentBytes(other).then((now) => (most = Math.max(most, now))), 50);
  const answers = await Promise.all(Array.from({ length: chunkCount }, (_, i) => b.chunk(uploadId, i + 1, bytes)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await post(b, "/file/mpupload/complete", { uploadId });
  const { fileId = "" } = await b.settled(uploadId, "done", "failed");
  const download = await b.fetch(`/file/download?id=${fileId}`);
  let seen = 0;
  for await (const piece of download.body ?? []) seen += piece.byteLength;
  clearInterval(watching);
  expect(seen).toBe(size);
  expect(most).toBeGreaterThan(0);
  expect(most - before).toBeLessThan(size / 2);
});

async function residentBytes({ pid }: Drive): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

test("hundreds of slow clients at the wrong gateway keep nobody else waiting", async () => {
  await using cluster = await pair();
  const { a, b } = cluster;
  const count = 300;
  const { uploadId } = await a.init({ name: "slow.bin", size: count * chunkSize, chunkSize });
  const head = { "content-length": chunkSize };
  const slow = await Promise.all(Array.from({ length: count }, (_, i) => openChunk(b, uploadId, i + 1, head)));
  for (const request of slow) request.write(new Uint8Array(1000));
  await Bun.sleep(1000);
  const answer = await b.fetch(`/file/mpupload/status?uploadid=${uploadId}`, { signal: AbortSignal.timeout(20_000) });
  expect(answer.status).toBe(200);
  for (const request of slow) request.cut();
});
