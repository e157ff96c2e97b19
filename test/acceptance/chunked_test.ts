import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import { bytesOf, chunkOf, type Client, type FileJson, hashOf, type InitJson, until } from "../support/client.ts";
import { coded, codedEnd, openChunk } from "../support/raw_request.ts";
import { expectCalled } from "./routes.ts";
import { newName, openTarget, problem, type Target } from "./target.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

setDefaultTimeout(300_000);

let target: Target;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  target = await openTarget();
  [alice, bob] = [await target.signUp(newName("alice")), await target.signUp(newName("bob"))];
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const init = (client: Client, json: unknown) => client.fetch("/file/mpupload/init", { method: "POST", json });
const complete = (client: Client, uploadId: unknown) =>
  client.fetch("/file/mpupload/complete", { method: "POST", json: { uploadId } });
const cancel = (client: Client, uploadId: unknown) =>
  client.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } });
const statusPath = (uploadId: string) => `/file/mpupload/status?uploadid=${uploadId}`;
const checksumOf = {
  crc32: (bytes: Uint8Array) => {
    const digest = Buffer.alloc(4);
    digest.writeUInt32BE(crc32(bytes));
    return `crc32 ${digest.toString("base64")}`;
  },
  sha1: (bytes: Uint8Array) => `sha1 ${createHash("sha1").update(bytes).digest("base64")}`,
  sha256: (bytes: Uint8Array) => `sha256 ${createHash("sha256").update(bytes).digest("base64")}`,
};

test("opens an upload, takes its chunks, and makes the file", async () => {
  const bytes = bytesOf(5 * 256 * KiB + 17);
  const before = Date.now();
  const answer = await init(alice, { name: "movie.mp4", size: bytes.length, chunkSize: 256 * KiB });
  expect(answer.status).toBe(201);
  const upload = (await answer.json()) as InitJson;
  expect(upload).toEqual({
    uploadId: expect.stringMatching(/\S/),
    chunkSize: 256 * KiB,
    chunkCount: 6,
    expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
  // "An untouched upload expires after 24 h"
  expect(Math.abs(Date.parse(upload.expiresAt) - before - 24 * 3_600_000)).toBeLessThan(60_000);
  const { uploadId, chunkSize } = upload;
  expect(await alice.status(uploadId)).toEqual({
    uploadId,
    name: "movie.mp4",
    size: bytes.length,
    state: "open",
    received: 0,
    chunkCount: 6,
    percent: 0,
    missing: [1, 2, 3, 4, 5, 6],
  });
  // In any order.
  for (const index of [6, 2, 1, 5]) {
    const chunk = chunkOf(bytes, chunkSize, index);
    const received = await alice.chunk(uploadId, index, chunk);
    expect(received.status).toBe(200);
    expect(await received.json()).toEqual({
      index,
      size: chunk.length,
      crc32: crc32(chunk).toString(16).padStart(8, "0"),
    });
  }
  expect(await alice.status(uploadId)).toMatchObject({ received: 4, percent: 66, missing: [3, 4], state: "open" });
  const refused = await problem(complete(alice, uploadId), 409, "incomplete");
  expect(refused.missing).toEqual([3, 4]);
  // PUT or POST.
  const url = `/file/mpupload/uppart?uploadid=${uploadId}&index=`;
  expect((await alice.fetch(`${url}3`, { method: "POST", body: chunkOf(bytes, chunkSize, 3) })).status).toBe(200);
  expect((await alice.fetch(`${url}4`, { method: "PUT", body: chunkOf(bytes, chunkSize, 4) })).status).toBe(200);
  const accepted = await complete(alice, uploadId);
  expect(accepted.status).toBe(202);
  expect(await accepted.json()).toMatchObject({ uploadId, received: 6, chunkCount: 6, percent: 100, missing: [] });
  const done = await alice.settled(uploadId, "done", "failed");
  expect(done).toMatchObject({ state: "done", missing: [], percent: 100 });
  expect(done.fileId).toMatch(/\S/);
  expect(done.error).toBeUndefined();
  const file = await alice.json<FileJson>(200, `/file/query?id=${done.fileId}`);
  const hashes = { sha1: hashOf("sha1", bytes), sha256: hashOf("sha256", bytes) };
  expect(file).toMatchObject({ name: "movie.mp4", size: bytes.length, ...hashes });
  expect(await alice.download(file.id)).toEqual(bytes);
  // Idempotent: the same answer, and no second file.
  for (let i = 0; i < 3; i++) {
    const again = await complete(alice, uploadId);
    expect(again.status).toBe(202);
    expect(await again.json()).toEqual(done);
  }
  expect(await alice.json<{ files: unknown[] }>(200, "/file/query?q=movie")).toMatchObject({ files: [{ id: file.id }] });
  await problem(alice.chunk(uploadId, 1, chunkOf(bytes, chunkSize, 1)), 409, "upload-closed");
});

test("completed by many at once, makes one file", async () => {
  const bytes = bytesOf(300 * KiB);
  const { uploadId, chunkSize } = await alice.init({ name: "once.bin", size: bytes.length, chunkSize: 256 * KiB });
  for (const index of [1, 2]) await alice.chunk(uploadId, index, chunkOf(bytes, chunkSize, index));
  const answers = await Promise.all(Array.from({ length: 10 }, () => complete(alice, uploadId)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  await alice.settled(uploadId, "done");
  const { files } = await alice.json<{ files: FileJson[] }>(200, "/file/query?q=once");
  expect(files).toHaveLength(1);
});

test("takes fifty chunks in parallel", async () => {
  const bytes = bytesOf(50 * 256 * KiB);
  const { uploadId, chunkSize, chunkCount } = await alice.init({ name: "p.bin", size: bytes.length, chunkSize: 256 * KiB });
  const indexes = Array.from({ length: chunkCount }, (_, i) => i + 1);
  const answers = await Promise.all(indexes.map((index) => alice.chunk(uploadId, index, chunkOf(bytes, chunkSize, index))));
  expect(answers.map(({ status }) => status)).toEqual(indexes.map(() => 200));
  await complete(alice, uploadId);
  const { fileId = "" } = await alice.settled(uploadId, "done", "failed");
  expect(Buffer.compare(await alice.download(fileId), bytes)).toBe(0);
});

test("an empty file has no chunks", async () => {
  const { uploadId, chunkCount } = await alice.init({ name: "nothing.bin", size: 0 });
  expect(chunkCount).toBe(0);
  expect(await alice.status(uploadId)).toMatchObject({ received: 0, chunkCount: 0, percent: 100, missing: [] });
  await problem(alice.chunk(uploadId, 1, bytesOf(1)), 400, "wrong-chunk-size");
  expect((await complete(alice, uploadId)).status).toBe(202);
  const { fileId = "", state } = await alice.settled(uploadId, "done", "failed");
  expect(state).toBe("done");
  expect(await alice.download(fileId)).toHaveLength(0);
});

test.each([
  [{ size: 100 * MiB }, { chunkSize: 8 * MiB, chunkCount: 13 }],
  [{ size: 8 * MiB }, { chunkSize: 8 * MiB, chunkCount: 1 }],
  [{ size: 8 * MiB + 1 }, { chunkSize: 8 * MiB, chunkCount: 2 }],
  [{ size: 1 }, { chunkSize: 8 * MiB, chunkCount: 1 }],
  [
    { size: 10 * MiB, chunkSize: 256 * KiB },
    { chunkSize: 256 * KiB, chunkCount: 40 },
  ],
  [
    { size: 100 * MiB, chunkSize: 64 * MiB },
    { chunkSize: 64 * MiB, chunkCount: 2 },
  ],
  [
    { size: 1 * MiB, chunkSize: 300_001 },
    { chunkSize: 300_001, chunkCount: 4 },
  ],
  [
    { size: 10_000 * 256 * KiB, chunkSize: 256 * KiB },
    { chunkSize: 256 * KiB, chunkCount: 10_000 },
  ],
])("cuts %j into %j", async (asked, cut) => {
  const upload = await alice.init({ name: "cut.bin", ...asked });
  expect(upload).toMatchObject(cut);
  expect((await cancel(alice, upload.uploadId)).status).toBe(204);
});

test("grows chunks so that there are at most 10,000", async () => {
  const size = 10_000 * 256 * KiB + 1;
  const { chunkSize, chunkCount, uploadId } = await alice.init({ name: "grown.bin", size, chunkSize: 256 * KiB });
  expect(chunkSize).toBeGreaterThan(256 * KiB);
  expect(chunkCount).toBeLessThanOrEqual(10_000);
  expect(chunkCount).toBe(Math.ceil(size / chunkSize));
  await cancel(alice, uploadId);
});

test.each<Record<string, unknown>>([
  { size: -1 },
  { size: 1.5 },
  { size: "10" },
  { size: null },
  { size: undefined },
  { size: 2 ** 53 },
  { name: undefined },
  { name: 1 },
  { chunkSize: 256 * KiB - 1 },
  { chunkSize: 64 * MiB + 1 },
  { chunkSize: 0 },
  { chunkSize: -1 },
  { chunkSize: 300_000.5 },
  { sha1: "xyz" },
  { sha1: "0".repeat(39) },
  { sha1: "0".repeat(64) },
  { sha1: null },
  { more: 1 },
])("refuses to open an upload of %j", async (body) => {
  await problem(init(alice, { name: "a.bin", size: 10, ...body }), 400, "invalid-request");
});

test("refuses a file past the largest, and one that does not fit", async () => {
  await problem(init(alice, { name: "a.bin", size: 6 * 2 ** 40 }), 413, "too-large");
  await problem(init(alice, { name: "a.bin", size: 4 * 2 ** 40 }), 507, "no-space");
});

test("reserves the quota for open uploads, and gives it back", async () => {
  await using small = await openTarget({ USER_QUOTA_BYTES: "1000000", FILE_MAX_BYTES: "2MB" });
  const [carol, dave] = [await small.signUp(), await small.signUp()];
  const first = await carol.init({ name: "a.bin", size: 600_000 });
  await problem(init(carol, { name: "b.bin", size: 400_001 }), 507, "no-space");
  await problem(init(carol, { name: "b.bin", size: 2_000_001 }), 413, "too-large");
  expect((await init(dave, { name: "b.bin", size: 1_000_000 })).status).toBe(201);
  expect((await init(carol, { name: "b.bin", size: 400_000 })).status).toBe(201);
  await problem(init(carol, { name: "c.bin", size: 1 }), 507, "no-space");
  await cancel(carol, first.uploadId);
  expect((await init(carol, { name: "c.bin", size: 600_000 })).status).toBe(201);
  // Many at once do not reserve the same space.
  const erin = await small.signUp();
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => init(erin, { name: `${i}`, size: 300_000 })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, ...Array.from({ length: 7 }, () => 507)]);
});

test("goes on with an open upload of the same content", async () => {
  const bytes = bytesOf(600 * KiB, "resumed");
  const body = { name: "r.bin", size: bytes.length, sha1: hashOf("sha1", bytes), chunkSize: 256 * KiB };
  const first = await alice.init(body);
  await alice.chunk(first.uploadId, 2, chunkOf(bytes, 256 * KiB, 2));
  for (const again of [body, { ...body, name: "other.bin" }, { ...body, sha1: body.sha1.toUpperCase() }]) {
    const answer = await init(alice, again);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ...first, expiresAt: expect.any(String), received: 1 });
  }
  // Another content, another size, no hash, another user: another upload.
  for (const other of [
    { ...body, sha1: hashOf("sha1", bytesOf(1)) },
    { ...body, size: bytes.length + 1 },
    { ...body, sha1: undefined },
  ]) {
    const answer = await init(alice, other);
    expect(answer.status).toBe(201);
    const { uploadId } = (await answer.json()) as InitJson;
    expect(uploadId).not.toBe(first.uploadId);
    await cancel(alice, uploadId);
  }
  expect((await init(bob, body)).status).toBe(201);
  for (const index of [1, 3]) await alice.chunk(first.uploadId, index, chunkOf(bytes, 256 * KiB, index));
  await complete(alice, first.uploadId);
  const { fileId = "" } = await alice.settled(first.uploadId, "done", "failed");
  expect(Buffer.compare(await alice.download(fileId), bytes)).toBe(0);
  // It is not open any more.
  const later = await init(alice, body);
  expect(later.status).toBe(201);
  await cancel(alice, ((await later.json()) as InitJson).uploadId);
});

test("many who open an upload of the same content at once get one", async () => {
  const carol = await target.signUp();
  const body = { name: "same.bin", size: 1000, sha1: hashOf("sha1", bytesOf(1000, "same")) };
  const answers = await Promise.all(Array.from({ length: 8 }, () => init(carol, body)));
  const uploads = (await Promise.all(answers.map((answer) => answer.json()))) as InitJson[];
  expect(new Set(uploads.map(({ uploadId }) => uploadId)).size).toBe(1);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
});

test("a chunk sent twice is acknowledged twice", async () => {
  const bytes = bytesOf(300 * KiB);
  const { uploadId } = await alice.init({ name: "twice.bin", size: bytes.length, chunkSize: 256 * KiB });
  const chunk = chunkOf(bytes, 256 * KiB, 1);
  const [first, second] = [await alice.chunk(uploadId, 1, chunk), await alice.chunk(uploadId, 1, chunk)];
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(await second.json()).toEqual(await first.json());
  expect(await alice.status(uploadId)).toMatchObject({ received: 1 });
  await problem(alice.chunk(uploadId, 1, bytesOf(256 * KiB, "other")), 409, "chunk-conflict");
  await problem(alice.chunk(uploadId, 1, bytesOf(10)), 400, "wrong-chunk-size");
  await cancel(alice, uploadId);
});

test("refuses a chunk that is too short or too long", async () => {
  const { uploadId } = await alice.init({ name: "s.bin", size: 256 * KiB + 100, chunkSize: 256 * KiB });
  for (const [index, size] of [
    [1, 0],
    [1, 1],
    [1, 256 * KiB - 1],
    [1, 256 * KiB + 1],
    [1, 256 * KiB + 100],
    [2, 99],
    [2, 101],
    [2, 256 * KiB],
    [3, 100],
    [2 ** 31, 100],
    [Number.MAX_SAFE_INTEGER, 100],
  ] as const) {
    await problem(alice.chunk(uploadId, index, bytesOf(size)), 400, "wrong-chunk-size");
  }
  expect(await alice.status(uploadId)).toMatchObject({ received: 0 });
  await cancel(alice, uploadId);
});

test("refuses a chunk of unknown length that turns out too short or too long", async () => {
  const { uploadId } = await alice.init({ name: "s.bin", size: 256 * KiB + 100, chunkSize: 256 * KiB });
  const send = async (size: number) => {
    const request = await openChunk(alice, uploadId, 2, { "transfer-encoding": "chunked" });
    for (let left = size; left > 0; left -= 30) request.write(coded(bytesOf(Math.min(30, left))));
    request.write(codedEnd);
    const answer = await request.answer;
    request.cut();
    return { status: answer?.status, code: (JSON.parse(answer?.text ?? "{}") as { code?: string }).code };
  };
  expect(await send(99)).toEqual({ status: 400, code: "wrong-chunk-size" });
  expect(await send(101)).toEqual({ status: 400, code: "wrong-chunk-size" });
  expect(await send(0)).toEqual({ status: 400, code: "wrong-chunk-size" });
  expect(await alice.status(uploadId)).toMatchObject({ received: 0 });
  expect((await send(100)).status).toBe(200);
  await cancel(alice, uploadId);
});

test("a chunk whose connection breaks does not count", async () => {
  const { uploadId } = await alice.init({ name: "s.bin", size: 1000 });
  for (const how of ["end", "cut"] as const) {
    const request = await openChunk(alice, uploadId, 1, { "content-length": 1000 });
    request.write(bytesOf(500));
    await Bun.sleep(50);
    request[how]();
    await request.answer;
    request.cut();
  }
  await Bun.sleep(50);
  expect(await alice.status(uploadId)).toMatchObject({ received: 0, state: "open" });
  expect((await alice.chunk(uploadId, 1, bytesOf(1000))).status).toBe(200);
  await cancel(alice, uploadId);
});

test.each(["0", "-1", "1.5", "x", "", "1e400", "99999999999999999999", "NaN", "Infinity", "1,2"])(
  "refuses the index %j",
  async (index) => {
    const { uploadId } = await alice.init({ name: "i.bin", size: 10 });
    const answer = alice.fetch(`/file/mpupload/uppart?uploadid=${uploadId}&index=${index}`, { method: "PUT", body: bytesOf(10) });
    await problem(answer, 400, "invalid-request");
    await cancel(alice, uploadId);
  },
);

test("needs both uploadid and index", async () => {
  for (const query of ["", "?index=1", "?uploadid=", "?uploadid=x", "?uploadid=&index=1"]) {
    const answer = alice.fetch(`/file/mpupload/uppart${query}`, { method: "PUT", body: bytesOf(10) });
    await problem(answer, 400, "invalid-request");
  }
  for (const path of ["/file/mpupload/status", "/file/mpupload/status?uploadid="]) {
    await problem(alice.fetch(path), 400, "invalid-request");
  }
  for (const body of [{}, { uploadId: 1 }, { uploadId: "" }, { uploadId: "x", more: 1 }, [], "x"]) {
    for (const path of ["complete", "cancel"]) {
      await problem(alice.fetch(`/file/mpupload/${path}`, { method: "POST", json: body }), 400, "invalid-request");
    }
  }
});

test.each(["crc32", "sha1", "sha256"] as const)("checks a chunk against its %s", async (algorithm) => {
  const bytes = bytesOf(1000, algorithm);
  const { uploadId } = await alice.init({ name: "c.bin", size: bytes.length });
  const send = (checksum: string) => alice.chunk(uploadId, 1, bytes, { "upload-checksum": checksum });
  await problem(send(checksumOf[algorithm](bytesOf(999))), 422, "checksum-mismatch");
  expect(await alice.status(uploadId)).toMatchObject({ received: 0, missing: [1] });
  expect((await send(checksumOf[algorithm](bytes))).status).toBe(200);
  // Sent again it is checked again.
  expect((await send(checksumOf[algorithm](bytes))).status).toBe(200);
  await problem(send(checksumOf[algorithm](bytesOf(999))), 422, "checksum-mismatch");
  await complete(alice, uploadId);
  const { fileId = "" } = await alice.settled(uploadId, "done", "failed");
  expect(await alice.download(fileId)).toEqual(bytes);
});

test.each([
  "",
  "crc32",
  "crc32 ",
  "md5 1B2M2Y8AsgTpgAmY7PhCfg==",
  "crc32 AAAA",
  "sha1 AAAAAA==",
  "crc32 !!!!",
  "crc32 AAAAAA== x",
  "x y z",
])("refuses the checksum %j", async (checksum) => {
  const { uploadId } = await alice.init({ name: "c.bin", size: 10 });
  await problem(alice.chunk(uploadId, 1, bytesOf(10), { "upload-checksum": checksum }), 400, "invalid-request");
  expect(await alice.status(uploadId)).toMatchObject({ received: 0 });
  await cancel(alice, uploadId);
});

test("fails an upload that is not what was declared, and keeps nothing of it", async () => {
  const bytes = bytesOf(10_000);
  const status = await alice.uploadChunked("wrong.bin", bytes, { sha1: hashOf("sha1", bytesOf(1, "wrong")) });
  expect(status).toMatchObject({ state: "failed", error: "sha1-mismatch" });
  expect(status.fileId).toBeUndefined();
  expect(await alice.json<unknown>(200, "/file/query?q=wrong.bin")).toMatchObject({ files: [] });
  expect((await complete(alice, status.uploadId)).status).toBe(202);
  await problem(alice.chunk(status.uploadId, 1, bytes), 409, "upload-closed");
  expect((await cancel(alice, status.uploadId)).status).toBe(204);
});

test("the second to upload a content gets a file of the same bytes", async () => {
  const bytes = bytesOf(700 * KiB, "both");
  const [a, b] = await Promise.all([alice.uploadChunked("both.bin", bytes), bob.uploadChunked("both.bin", bytes)]);
  expect(Buffer.compare(await alice.download(a.fileId ?? ""), bytes)).toBe(0);
  expect(Buffer.compare(await bob.download(b.fileId ?? ""), bytes)).toBe(0);
  expect(a.fileId).not.toBe(b.fileId);
});

test("names the later of two `a (1).txt`", async () => {
  const carol = await target.signUp();
  for (const name of ["a.txt", "a (1).txt", "a (2).txt"]) {
    const { fileId } = await carol.uploadChunked("a.txt", bytesOf(10, name));
    expect(await carol.json<FileJson>(200, `/file/query?id=${fileId}`)).toMatchObject({ name });
  }
});

test("cancels, as often as it is asked to", async () => {
  const { uploadId } = await alice.init({ name: "c.bin", size: 300 * KiB, chunkSize: 256 * KiB });
  await alice.chunk(uploadId, 1, bytesOf(256 * KiB));
  for (let i = 0; i < 3; i++) {
    const answer = await cancel(alice, uploadId);
    expect({ status: answer.status, body: await answer.text() }).toEqual({ status: 204, body: "" });
  }
  expect(await alice.status(uploadId)).toMatchObject({ state: "cancelled", received: 0, missing: [] });
  await problem(alice.chunk(uploadId, 2, bytesOf(44 * KiB)), 409, "upload-closed");
  await problem(complete(alice, uploadId), 409, "upload-closed");
});

test("cancelling what is done changes nothing", async () => {
  const bytes = bytesOf(1000, "stays");
  const { uploadId, fileId = "" } = await alice.uploadChunked("stays.bin", bytes);
  expect((await cancel(alice, uploadId)).status).toBe(204);
  expect(await alice.status(uploadId)).toMatchObject({ state: "done", fileId });
  expect(await alice.download(fileId)).toEqual(bytes);
});

test("a chunk on its way when the upload is cancelled is refused", async () => {
  const { uploadId } = await alice.init({ name: "c.bin", size: 1000 });
  const request = await openChunk(alice, uploadId, 1, { "content-length": 1000 });
  request.write(bytesOf(500));
  await Bun.sleep(50);
  expect((await cancel(alice, uploadId)).status).toBe(204);
  request.write(bytesOf(500));
  const answer = await request.answer;
  request.cut();
  expect({ status: answer?.status, text: answer?.text }).toEqual({ status: 409, text: expect.stringContaining("upload-closed") });
});

test("chunks that race with a cancel are taken or refused, and nothing else", async () => {
  for (let round = 0; round < 10; round++) {
    const size = 8 * 256 * KiB;
    const { uploadId, chunkSize } = await alice.init({ name: "race.bin", size, chunkSize: 256 * KiB });
    const sends = Array.from({ length: 8 }, (_, i) => alice.chunk(uploadId, i + 1, bytesOf(chunkSize, i)));
    await Bun.sleep(round);
    expect((await cancel(alice, uploadId)).status).toBe(204);
    const statuses = (await Promise.all(sends)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(await alice.status(uploadId)).toMatchObject({ state: "cancelled" });
  }
});

test("a later request for a chunk that is on its way takes over", async () => {
  const bytes = bytesOf(1000, "takes over");
  const { uploadId } = await alice.init({ name: "o.bin", size: 1000 });
  const stuck = await openChunk(alice, uploadId, 1, { "content-length": 1000 });
  stuck.write(bytes.slice(0, 500));
  await Bun.sleep(50);
  expect((await alice.chunk(uploadId, 1, bytes)).status).toBe(200);
  stuck.write(bytes.slice(500));
  const answer = await stuck.answer;
  stuck.cut();
  expect(answer?.status).toBe(409);
  await complete(alice, uploadId);
  const { fileId = "" } = await alice.settled(uploadId, "done", "failed");
  expect(await alice.download(fileId)).toEqual(bytes);
});

test("somebody else's upload is not there", async () => {
  const { uploadId } = await alice.init({ name: "mine.bin", size: 10 });
  for (const client of [bob]) {
    await problem(client.fetch(statusPath(uploadId)), 404, "no-such-upload");
    await problem(client.chunk(uploadId, 1, bytesOf(10)), 404, "no-such-upload");
    await problem(complete(client, uploadId), 404, "no-such-upload");
    await problem(cancel(client, uploadId), 404, "no-such-upload");
  }
  await problem(alice.chunk("01AN4Z07BY79KA1307SR9X4MV3", 1, bytesOf(10)), 404, "no-such-upload");
  await problem(alice.chunk("..%2F..%2Fetc", 1, bytesOf(10)), 404, "no-such-upload");
  await problem(cancel(alice, "nothing"), 404, "no-such-upload");
  expect(await alice.status(uploadId)).toMatchObject({ state: "open" });
  await cancel(alice, uploadId);
});

test("nothing of uploads goes without a token", async () => {
  for (const path of ["init", "complete", "cancel"]) {
    await problem(target.fetch(`/file/mpupload/${path}`, { method: "POST", json: {} }), 401, "unauthorized");
  }
  await problem(target.fetch("/file/mpupload/status?uploadid=x"), 401, "unauthorized");
  for (const method of ["PUT", "POST"]) {
    await problem(target.fetch("/file/mpupload/uppart?uploadid=x&index=1", { method, body: "x" }), 401, "unauthorized");
  }
});

test("an upload expires when nothing comes, and each chunk renews it", async () => {
  await using short = await openTarget({ UPLOAD_TTL: "2s" });
  const carol = await short.signUp();
  const bytes = bytesOf(5 * 256 * KiB);
  const [kept, left] = [
    await carol.init({ name: "kept.bin", size: bytes.length, chunkSize: 256 * KiB }),
    await carol.init({ name: "left.bin", size: bytes.length, chunkSize: 256 * KiB }),
  ];
  await carol.chunk(left.uploadId, 1, chunkOf(bytes, 256 * KiB, 1));
  for (let index = 1; index <= 4; index++) {
    await Bun.sleep(900);
    expect((await carol.chunk(kept.uploadId, index, chunkOf(bytes, 256 * KiB, index))).status).toBe(200);
  }
  // Well past its first two seconds, as the other one shows.
  const gone = await until(
    () => carol.fetch(statusPath(left.uploadId)),
    ({ status }) => status === 404 || status === 200,
  );
  if (gone.status === 200) expect(await gone.json()).toMatchObject({ state: "cancelled", received: 0 });
  const late = await carol.chunk(left.uploadId, 2, chunkOf(bytes, 256 * KiB, 2));
  expect([404, 409]).toContain(late.status);
  expect((await carol.chunk(kept.uploadId, 5, chunkOf(bytes, 256 * KiB, 5))).status).toBe(200);
  await complete(carol, kept.uploadId);
  const { fileId = "" } = await carol.settled(kept.uploadId, "done", "failed");
  expect(Buffer.compare(await carol.download(fileId), bytes)).toBe(0);
});

test("asks for every route of uploads, and gets only answers that the document lists", async () => {
  await expectCalled(target, "chunked");
});
