import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";

import { bytesOf, type ChallengeJson, type Client, proofOf, signUp } from "../support/client.ts";
import { spoolPath, untilDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectProblem } from "../support/expect_problem.ts";
import { type ResumingUpload, resumingUpload } from "../support/resuming_upload.ts";
import { expectSettled } from "../support/settled.ts";
import { startWorkers } from "../support/workers.ts";

setDefaultTimeout(300_000);

const chunkSize = 256 * 1024;
const chunkCount = 6;
const name = "torn.bin";
const content = bytesOf(chunkCount * chunkSize - 1000, "torn");

/** A drive with a client who has sent every chunk of an upload, and has not said so. */
async function wholeUpload(env: Record<string, string> = {}) {
  const drive = await startDrive({ env });
  const client = await signUp(drive.url);
  const upload = resumingUpload(client, { name, bytes: content, chunkSize });
  const uploadId = await upload.send(chunkCount);
  return { drive, client, upload, uploadId };
}

async function complete(client: Client, uploadId: string): Promise<Response> {
  return await client.fetch("/file/mpupload/complete", { method: "POST", json: { uploadId } });
}

/** Changes a file in place, as a bad disk does. */
async function damage(path: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  await Bun.write(path, change(await Bun.file(path).bytes()));
}

function flip(bytes: Uint8Array, ...positions: number[]): Uint8Array {
  const flipped = bytes.slice();
  for (const position of positions) flipped[position] = (flipped[position] ?? 0) ^ 0xff;
  return flipped;
}

/** The client hears of chunks that it had been told were safe; it sends just those, and all is well. */
async function resend({ drive, client, upload }: { drive: Drive; client: Client; upload: ResumingUpload }, missing: number[]) {
  for (const index of missing) upload.acknowledged.delete(index);
  await upload.go();
  await expectSettled(drive.dataDir, [{ client, name, bytes: content }]);
}

describe.concurrent("bytes that are not what was acknowledged", () => {
  test("of one chunk reopen the upload for just that chunk", async () => {
    const scene = await wholeUpload();
    await using drive = scene.drive;
    const { client, uploadId } = scene;
    await damage(spoolPath(drive.dataDir, uploadId), (bytes) => flip(bytes, 3 * chunkSize + 17, 3 * chunkSize + 18));
    expect((await complete(client, uploadId)).status).toBe(202);
    const status = await client.settled(uploadId, "open", "done", "failed");
    expect(status).toMatchObject({ state: "open", missing: [4], received: chunkCount - 1 });
    await resend(scene, [4]);
  });

  test("of the first and the last chunk reopen the upload for both, though workers run elsewhere", async () => {
    const scene = await wholeUpload({ WORKERS: "none" });
    await using drive = scene.drive;
    await using _workers = await startWorkers({ dataDir: drive.dataDir });
    const { client, uploadId } = scene;
    await damage(spoolPath(drive.dataDir, uploadId), (bytes) => flip(bytes, 0, content.byteLength - 1));
    expect((await complete(client, uploadId)).status).toBe(202);
    const status = await client.settled(uploadId, "open", "done", "failed");
    expect(status).toMatchObject({ state: "open", missing: [1, chunkCount] });
    await resend(scene, [1, chunkCount]);
  });
});

/** Where the record of each chunk begins: a line feed and then the line. Before the first is the header. */
function records(log: Uint8Array): number[] {
  return [...log].flatMap((byte, at) => (byte === 10 && at > 0 ? [at] : []));
}

const damages: [what: string, change: (log: Uint8Array) => Uint8Array, missing: number[]][] = [
  ["a flipped bit", (log) => flip(log, records(log)[2]! + 4), [3]],
  [
    "garbage in place of a line",
    (log) => log.map((byte, at) => (at > records(log)[1]! && at < records(log)[2]! ? 0xa5 : byte)),
    [2],
  ],
  ["a cut last line", (log) => log.subarray(0, -3), [chunkCount]],
  ["a cut header", (log) => log.subarray(5), []],
  ["a cut first line", (log) => log.subarray(records(log)[0]! + 5), [1]],
  ["zeros from the middle on", (log) => log.map((byte, at) => (at > records(log)[3]! ? 0 : byte)), [4, 5, 6]],
  ["garbage at its end", (log) => Buffer.concat([log, Buffer.from("\n"), bytesOf(500, "garbage")]), []],
  ["nothing left of it", () => new Uint8Array(), [1, 2, 3, 4, 5, 6]],
];

describe.concurrent("a chunk log", () => {
  test("that is damaged is believed in all else, after a start", async () => {
    await using first = await startDrive();
    const scenes = await Promise.all(
      damages.map(async ([what, change, missing]) => {
        const client = await signUp(first.url);
        const upload = resumingUpload(client, { name: `${what}.bin`, bytes: content, chunkSize });
        return { what, change, missing, client, upload, uploadId: await upload.send(chunkCount) };
      }),
    );
    await first.kill();
    for (const { change, uploadId } of scenes) await damage(spoolPath(first.dataDir, uploadId, "log"), change);
    await using drive = await first.restart({ PORT: "0" });
    for (const { what, missing, client, upload, uploadId } of scenes) {
      client.base = drive.url;
      expect([what, (await client.status(uploadId)).missing]).toEqual([what, missing]);
      for (const index of missing) upload.acknowledged.delete(index);
      await upload.go();
    }
    await expectSettled(
      drive.dataDir,
      scenes.map(({ client, upload }) => ({ client, ...upload })),
    );
  });

  test("that is damaged under a running drive costs just those chunks when the upload is verified", async () => {
    const scene = await wholeUpload();
    await using drive = scene.drive;
    const { client, uploadId } = scene;
    await damage(spoolPath(drive.dataDir, uploadId, "log"), (log) => flip(log, records(log)[4]! + 3));
    expect((await complete(client, uploadId)).status).toBe(202);
    const status = await client.settled(uploadId, "open", "done", "failed");
    expect(status).toMatchObject({ state: "open", missing: [5] });
    await resend(scene, [5]);
  });
});

describe.concurrent("a spool file that somebody removed", () => {
  const every = [1, 2, 3, 4, 5, 6];

  test("before the last chunk came: every chunk is awaited again", async () => {
    await using drive = await startDrive();
    const client = await signUp(drive.url);
    const upload = resumingUpload(client, { name, bytes: content, chunkSize });
    const uploadId = await upload.send(chunkCount - 1);
    await rm(spoolPath(drive.dataDir, uploadId));
    const response = await client.chunk(uploadId, chunkCount, content.subarray((chunkCount - 1) * chunkSize));
    expect(response.status).toBeGreaterThanOrEqual(500);
    await expectProblem(response, "content-lost", "unavailable");
    expect((await client.status(uploadId)).missing).toEqual(every);
    await resend({ drive, client, upload }, every);
  });

  test("before the upload was complete: every chunk is awaited again", async () => {
    const scene = await wholeUpload();
    await using drive = scene.drive;
    const { client, uploadId } = scene;
    await rm(spoolPath(drive.dataDir, uploadId));
    const response = await complete(client, uploadId);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "incomplete", missing: every });
    await resend(scene, every);
  });

  test("with its log, while no drive ran: every chunk is awaited again", async () => {
    const scene = await wholeUpload();
    await using first = scene.drive;
    const { client, uploadId } = scene;
    await first.kill();
    await rm(spoolPath(first.dataDir, uploadId));
    await rm(spoolPath(first.dataDir, uploadId, "log"));
    await using drive = await first.restart({ PORT: "0" });
    client.base = drive.url;
    expect((await client.status(uploadId)).missing).toEqual(every);
    await expectProblem(await client.chunk(uploadId, 1, content.subarray(0, chunkSize)), "content-lost", "unavailable");
    await resend({ ...scene, drive }, every);
  });

  test("while the upload was verified: it is open again, and every chunk awaited", async () => {
    const scene = await wholeUpload({ WORKERS: "none" });
    await using drive = scene.drive;
    const { client, uploadId } = scene;
    expect((await complete(client, uploadId)).status).toBe(202);
    await rm(spoolPath(drive.dataDir, uploadId));
    await using _workers = await startWorkers({ dataDir: drive.dataDir });
    expect((await client.settled(uploadId, "open", "done", "failed")).missing).toEqual(every);
    await resend(scene, every);
  });

  test("before the store had it: downloads say so, the rest lives on, and the same bytes again make it whole", async () => {
    await using drive = await startDrive({ env: { WORKERS: "none" } });
    const client = await signUp(drive.url);
    const lost = await client.upload(name, content);
    const { blobs } = await untilDataDir(drive.dataDir, (data) => data.blobs.length === 1);
    await rm(spoolPath(drive.dataDir, blobs[0]?.spool_id ?? ""));
    for (const headers of [{}, { range: "bytes=5-9" }]) {
      const response = await client.fetch(`/file/download?id=${lost.id}`, { headers });
      expect(response.status).toBe(500);
      await expectProblem(response, "content-lost");
    }
    // Instant upload must not lead back to what is lost.
    const ask = { sha1: lost.sha1, size: lost.size, name };
    const challenge = await client.json<ChallengeJson>(200, "/file/fastupload", { method: "POST", json: ask });
    const proof = { challengeId: challenge.challenge.id, proof: proofOf(challenge, content), name };
    await expectProblem(await client.fetch("/file/fastupload", { method: "POST", json: proof }), "not-instant");
    const other = bytesOf(1000, "other");
    expect(await client.download((await client.upload("other.bin", other)).id)).toEqual(other);

    await using _workers = await startWorkers({ dataDir: drive.dataDir });
    await untilDataDir(drive.dataDir, (data) => data.blobs.some(({ state }) => state === "stored"));
    await client.upload("again.bin", content);
    await expectSettled(drive.dataDir, [
      { client, name, bytes: content },
      { client, name: "again.bin", bytes: content },
      { client, name: "other.bin", bytes: other },
    ]);
  });

  test("before the store had it: a file of it that is deleted goes, row and all", async () => {
    await using drive = await startDrive({ env: { WORKERS: "none" } });
    const client = await signUp(drive.url);
    const { id } = await client.upload(name, content);
    const { blobs } = await untilDataDir(drive.dataDir, (data) => data.blobs.length === 1);
    await rm(spoolPath(drive.dataDir, blobs[0]?.spool_id ?? ""));
    await using _workers = await startWorkers({ dataDir: drive.dataDir });
    // The push worker has seen that there is nothing to push, and waits for a person.
    await untilDataDir(drive.dataDir, (data) => data.blobs[0]?.lease_owner === "parked");
    await client.fetch("/file/delete", { method: "POST", json: { id } });
    await expectSettled(drive.dataDir, []);
  });
});
