import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { openEvents } from "../acceptance/event_stream.ts";
import { problem } from "../acceptance/target.ts";
import {
  bytesOf,
  type ChallengeJson,
  type Client,
  chunkOf,
  type FileJson,
  hashOf,
  type InitJson,
  proofOf,
  until,
} from "../support/client.ts";
import { type Gateways, startGateways } from "../support/gateways.ts";

setDefaultTimeout(300_000);

const KiB = 1024;
const chunkSize = 256 * KiB;

const crcOf = (bytes: Uint8Array) => {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(Bun.hash.crc32(bytes));
  return `crc32 ${digest.toString("base64")}`;
};
const post = (client: Client, path: string, json: unknown) => client.fetch(path, { method: "POST", json });
const complete = (client: Client, uploadId: string) => post(client, "/file/mpupload/complete", { uploadId });
const cancel = (client: Client, uploadId: string) => post(client, "/file/mpupload/cancel", { uploadId });
/** What a problem document says, without the id of its request. */
const said = async (answer: Response | Promise<Response>, status: number, code: string) => {
  const { instance: _, ...document } = await problem(answer, status, code);
  return document;
};
const spoolOf = (gateways: Gateways, i: number) => readdir(join(gateways.drives[i]?.dataDir ?? "", "spool"));

/** Three gateways, whose files stay in the spool where they came in; `a` is the user's first, where uploads are opened. */
describe("three gateways that are one drive", () => {
  let gateways: Gateways;
  let all: Client[];
  let [a, b, c]: Client[] = [];
  beforeAll(async () => {
    gateways = await startGateways(3, { WORKERS: "merge,purge,sweep", TRUSTED_PROXIES: "127.0.0.1" });
    all = await gateways.signUp();
    [a, b, c] = all;
  });
  afterAll(async () => await gateways[Symbol.asyncDispose]());
  const at = (client: Client | undefined): Client => {
    if (client) return client;
    throw new Error("the gateways are not up");
  };
  /** A file that lies in the spool of the first gateway. */
  const spooled = (name: string, bytes: Uint8Array<ArrayBuffer>) => at(a).upload(name, bytes);

  test("take an upload's chunks in any order, each at any of them", async () => {
    const bytes = bytesOf(24 * chunkSize + 1234, "round robin");
    const { uploadId, chunkCount } = await at(a).init({ name: "robin.bin", size: bytes.byteLength, chunkSize });
    const answers = await Promise.all(
      Array.from({ length: chunkCount }, (_, i) => {
        const chunk = chunkOf(bytes, chunkSize, chunkCount - i);
        const headers = i % 2 === 0 ? { "upload-checksum": crcOf(chunk) } : {};
        return at(all[i % 3]).chunk(uploadId, chunkCount - i, chunk, headers);
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const states = await Promise.all(all.map((client) => client.status(uploadId)));
    expect(states).toEqual(states.map(() => expect.objectContaining({ state: "open", received: chunkCount, missing: [] })));
    expect((await complete(at(c), uploadId)).status).toBe(202);
    const { fileId = "" } = await at(b).settled(uploadId, "done", "failed");
    for (const client of all) expect(hashOf("sha1", await client.download(fileId))).toBe(hashOf("sha1", bytes));
    expect(await spoolOf(gateways, 1)).toEqual([]);
    expect(await spoolOf(gateways, 2)).toEqual([]);
  });

  test("refuse a chunk in the same words, whichever is asked", async () => {
    const bytes = bytesOf(chunkSize, "held");
    const { uploadId } = await at(a).init({ name: "refused.bin", size: 2 * chunkSize, chunkSize });
    expect((await at(b).chunk(uploadId, 1, bytes)).status).toBe(200);
    const chunk =
      (body: Uint8Array<ArrayBuffer>, index = 2, headers = {}) =>
      (client: Client) =>
        client.chunk(uploadId, index, body, headers);
    const cases: [(client: Client) => Promise<Response>, number, string][] = [
      [chunk(bytes, 2, { "upload-checksum": crcOf(bytesOf(chunkSize, "other")) }), 422, "checksum-mismatch"],
      [chunk(bytes.subarray(1)), 400, "wrong-chunk-size"],
      [chunk(bytes, 3), 400, "wrong-chunk-size"],
      [chunk(bytes, 2, { "upload-checksum": "md5 x" }), 400, "invalid-request"],
      [chunk(bytesOf(chunkSize, "conflict"), 1), 409, "chunk-conflict"],
      [(client) => complete(client, uploadId), 409, "incomplete"],
    ];
    for (const [ask, status, code] of cases) {
      expect(await said(ask(at(b)), status, code)).toEqual(await said(ask(at(a)), status, code));
    }
    expect(await at(c).status(uploadId)).toMatchObject({ received: 1, missing: [2] });
    await said(
      at(b).fetch(`/file/mpupload/status?uploadid=${uploadId}`, { headers: { authorization: "" } }),
      401,
      "unauthorized",
    );
    const [, stranger] = await gateways.signUp();
    await said(at(stranger).chunk(uploadId, 2, bytes), 404, "no-such-upload");
    await said(cancel(at(stranger), uploadId), 404, "no-such-upload");
  });

  test("take a chunk whose length nobody announced", async () => {
    const bytes = bytesOf(chunkSize, "chunked coding");
    const { uploadId } = await at(a).init({ name: "coded.bin", size: chunkSize, chunkSize });
    const send = (body: Uint8Array<ArrayBuffer>) =>
      at(b).fetch(`/file/mpupload/uppart?uploadid=${uploadId}&index=1`, { method: "POST", body: new Blob([body]).stream() });
    await said(send(bytes.subarray(7)), 400, "wrong-chunk-size");
    await said(send(bytesOf(chunkSize + 9)), 400, "wrong-chunk-size");
    expect((await send(bytes)).status).toBe(200);
  });

  test("free an upload's disk when it is cancelled at any of them, and say so at all", async () => {
    const before = await spoolOf(gateways, 0);
    const { uploadId } = await at(a).init({ name: "cancelled.bin", size: 2 * chunkSize, chunkSize });
    expect((await at(c).chunk(uploadId, 1, bytesOf(chunkSize))).status).toBe(200);
    const answer = await cancel(at(b), uploadId);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect(await spoolOf(gateways, 0)).toEqual(before);
    expect((await cancel(at(c), uploadId)).status).toBe(204);
    for (const client of all) expect(await client.status(uploadId)).toMatchObject({ state: "cancelled", received: 0 });
    for (const client of all) await said(client.chunk(uploadId, 2, bytesOf(chunkSize)), 409, "upload-closed");
  });

  test("go on with an open upload of the same content at any of them", async () => {
    const bytes = bytesOf(3 * chunkSize, "resume");
    const body = { name: "resume.bin", size: bytes.byteLength, sha1: hashOf("sha1", bytes), chunkSize };
    const first = await at(a).init(body);
    await at(a).chunk(first.uploadId, 2, chunkOf(bytes, chunkSize, 2));
    for (const client of all) {
      const again = await client.json<InitJson>(200, "/file/mpupload/init", { method: "POST", json: body });
      expect(again).toMatchObject({ uploadId: first.uploadId, received: 1, chunkCount: 3 });
    }
  });

  test("serve what lies in another's spool: whole, in ranges, by conditions, by signed URL", async () => {
    const bytes = bytesOf(700_000, "elsewhere");
    const { id, sha1 } = await spooled("elsewhere é.bin", bytes);
    const ask = (client: Client, headers: Record<string, string> = {}, method = "GET") =>
      client.fetch(`/file/download?id=${id}`, { headers, method });
    const requests: [Record<string, string>, string?][] = [
      [{}],
      [{ range: "bytes=10-19" }],
      [{ range: "bytes=-5" }],
      [{ range: "bytes=0-4,100-109" }],
      [{ range: "bytes=700000-" }],
      [{ range: "bytes=0-1", "if-range": '"other"' }],
      [{ "if-none-match": `"${sha1}"` }],
      [{ "if-match": '"other"' }],
      [{}, "HEAD"],
    ];
    for (const [headers, method] of requests) {
      const [here, there] = await Promise.all([a, b].map((client) => ask(at(client), headers, method)));
      if (!here || !there) throw new Error("both answer");
      expect(there.status).toBe(here.status);
      const isProblem = here.headers.get("content-type") === "application/problem+json";
      const boundary = (text: string) => text.replaceAll(/boundary=\S+|--[\w-]{20,}|"instance":"[^"]+"/g, "");
      expect(boundary(Buffer.from(await there.bytes()).toString("latin1"))).toBe(
        boundary(Buffer.from(await here.bytes()).toString("latin1")),
      );
      const names = ["etag", "accept-ranges", "content-range", "content-disposition", "last-modified", "repr-digest"];
      for (const name of [...names, "cache-control", "content-security-policy", "x-content-type-options"]) {
        expect([name, there.headers.get(name)]).toEqual([name, here.headers.get(name)]);
      }
      if (!isProblem)
        expect(boundary(there.headers.get("content-type") ?? "")).toBe(boundary(here.headers.get("content-type") ?? ""));
    }
    const { url } = await at(a).json<{ url: string }>(200, `/file/downloadurl?id=${id}`);
    const elsewhere = url.replace(new URL(url).origin, at(c).base);
    expect(hashOf("sha1", await (await fetch(elsewhere)).bytes())).toBe(sha1);
    await said(fetch(elsewhere.replace(/signature=.{5}/, "signature=AAAAA")), 401, "bad-signature");
    const [, stranger] = await gateways.signUp();
    await said(ask(at(stranger)), 404, "not-found");
  });

  test("serve an empty file of another's spool", async () => {
    const { id } = await spooled("empty.bin", new Uint8Array());
    expect((await at(b).download(id)).byteLength).toBe(0);
  });

  test("take a proof at any of them, once, wherever the bytes lie", async () => {
    const bytes = bytesOf(300_000, "proof");
    await spooled("proof.bin", bytes);
    const [bobA, bobB, bobC] = (await gateways.signUp()).map(at);
    if (!bobA || !bobB || !bobC) throw new Error("three gateways");
    const ask = (client: Client) =>
      client.json<ChallengeJson>(200, "/file/fastupload", {
        method: "POST",
        json: { sha1: hashOf("sha1", bytes), size: bytes.byteLength, name: "mine.bin" },
      });
    const prove = (client: Client, { challenge }: ChallengeJson, proof: string) =>
      post(client, "/file/fastupload", { challengeId: challenge.id, proof, name: "mine.bin" });
    const wrong = await ask(bobB);
    const begin = performance.now();
    const refusal = await said(prove(bobC, wrong, proofOf(wrong, bytesOf(300_000, "not it"))), 404, "not-instant");
    expect(performance.now() - begin).toBeGreaterThan(99);
    expect(await said(prove(bobC, wrong, proofOf(wrong, bytes)), 404, "not-instant")).toEqual(refusal);
    expect(await said(prove(bobA, wrong, proofOf(wrong, bytes)), 404, "not-instant")).toEqual(refusal);
    const asked = await ask(bobC);
    const answers = await Promise.all([bobA, bobB, bobC].map((client) => prove(client, asked, proofOf(asked, bytes))));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 404, 404]);
    const file = (await answers.find(({ status }) => status === 201)?.json()) as FileJson;
    expect(file).toMatchObject({ name: "mine.bin", state: "spooled", sha1: hashOf("sha1", bytes) });
    expect(hashOf("sha1", await bobB.download(file.id))).toBe(file.sha1);
    // It is theirs now: no bytes are asked for, wherever these lie.
    expect((await post(bobB, "/file/fastupload", { sha1: file.sha1, size: file.size, name: "again.bin" })).status).toBe(201);
  });

  test("hold one content once, whichever it came to", async () => {
    const bytes = bytesOf(2 * chunkSize, "twice");
    const first = await spooled("first.bin", bytes);
    const second = await at(b).upload("second.bin", bytes);
    const { fileId = "" } = await at(c).uploadChunked("third.bin", bytes, { chunkSize });
    expect(await spoolOf(gateways, 1)).toEqual([]);
    expect(
      await until(
        () => spoolOf(gateways, 2),
        ({ length }) => length === 0,
      ),
    ).toEqual([]);
    for (const id of [first.id, second.id, fileId]) expect(hashOf("sha1", await at(c).download(id))).toBe(first.sha1);
  });

  test("tell at each of them what happens to an upload at another", async () => {
    const streams = await Promise.all(all.map((client) => openEvents(client.base, { authorization: `Bearer ${client.token}` })));
    const { uploadId } = await at(b).init({ name: "told.bin", size: 2 * chunkSize, chunkSize });
    const isOf = (data: Record<string, unknown>, state: string) => data["uploadId"] === uploadId && data["state"] === state;
    const opened = await Promise.all(streams.map((stream) => stream.waitFor("open", ({ data }) => isOf(data, "open"))));
    for (const { data } of opened) expect(data).toMatchObject({ name: "told.bin", chunkCount: 2, size: 2 * chunkSize });
    for (const [i, client] of [a, c].entries()) await at(client).chunk(uploadId, i + 1, bytesOf(chunkSize, `told ${i}`));
    await complete(at(a), uploadId);
    await Promise.all(streams.map((stream) => stream.waitFor("done", ({ data }) => isOf(data, "done"))));
    await Promise.all(streams.map((stream) => stream[Symbol.asyncDispose]()));
  });

  test("write one id and the client's address into the log of each that had the request", async () => {
    const { uploadId } = await at(a).init({ name: "logged.bin", size: chunkSize, chunkSize });
    const headers = { "x-request-id": "one-id-for-both", "x-real-ip": "203.0.113.9" };
    const answer = await at(b).chunk(uploadId, 1, bytesOf(chunkSize), headers);
    expect([answer.status, answer.headers.get("x-request-id")]).toEqual([200, "one-id-for-both"]);
    const lines = await until(
      async () =>
        gateways.drives.map(({ output }) =>
          output()
            .split("\n")
            .find((line) => line.includes("one-id-for-both")),
        ),
      ([first, second]) => first !== undefined && second !== undefined,
    );
    expect(lines[2]).toBeUndefined();
    const [there, here] = lines.slice(0, 2).map((line = "") => JSON.parse(line) as Record<string, unknown>);
    expect(there).toMatchObject({ address: "203.0.113.9", forwardedFrom: "node-1", status: 200 });
    expect(here).toMatchObject({ address: "203.0.113.9", forwardedTo: "node-0", status: 200 });
  });

  test("believe nothing of one who only says that a gateway sent them, and send them no further", async () => {
    const { uploadId } = await at(a).init({ name: "forged.bin", size: chunkSize, chunkSize });
    const forged = {
      "x-sluice-forwarded": `node-1;198.51.100.7;${Date.now()};${"A".repeat(43)}`,
      "x-request-id": "forged-request",
    };
    const away = await at(b).chunk(uploadId, 1, bytesOf(chunkSize), forged);
    expect(away.headers.get("retry-after")).toBe("1");
    await said(away, 503, "unavailable");
    expect((await at(a).chunk(uploadId, 1, bytesOf(chunkSize), forged)).status).toBe(200);
    const line = await until(
      async () =>
        gateways.drives[0]
          ?.output()
          .split("\n")
          .find((text) => text.includes("forged-request")) ?? "",
      (text) => text !== "",
    );
    expect(JSON.parse(line)).toMatchObject({ address: "127.0.0.1", forwardedFrom: "unknown" });
  });

  test("end a session and slow down a guesser for all of them", async () => {
    const [here, there] = (await gateways.signUp()).map(at);
    if (!here || !there) throw new Error("two gateways");
    expect((await there.fetch("/file/query")).status).toBe(200);
    expect((await here.fetch("/token", { method: "DELETE" })).status).toBe(204);
    await until(
      () => there.fetch("/file/query"),
      ({ status }) => status === 401,
      1500,
    );
    const guess = (i: number) => post(at(all[i % 3]), `/user/${here.username}`, { password: `wrong password ${i}` });
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) statuses.push((await guess(i)).status);
    expect(statuses).toContain(429);
    expect((await post(at(c), `/user/${here.username}`, { password: here.password })).status).toBe(429);
  });
});
