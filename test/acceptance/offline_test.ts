import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, hashOf, type StatusJson, until } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { file, headOf, type Source, startSource, status } from "../support/source_server.ts";
import { openEvents } from "./event_stream.ts";
import { expectCalled } from "./routes.ts";
import { newName, openTarget, problem, type Target } from "./target.ts";

setDefaultTimeout(300_000);

const content = bytesOf(3_300_000, "offline");

let source: Source;
let target: Target;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  source = await startSource();
  const offline = { OFFLINE_ALLOW: "127.0.0.1", OFFLINE_PORTS: String(source.port), OFFLINE_OPEN_PER_USER: "6" };
  const env = { ...offline, OFFLINE_TRIES: "3", OFFLINE_IDLE_TIMEOUT: "10s" };
  target = await openTarget(env);
  [alice, bob] = [await target.signUp(newName("alice")), await target.signUp(newName("bob"))];
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
});

const ask = (client: Pick<Client, "fetch">, json: unknown) => client.fetch("/file/offline", { method: "POST", json });
const start = async (client: Client, json: unknown) =>
  (await client.json<{ uploadId: string }>(202, "/file/offline", { method: "POST", json })).uploadId;
const ended = (client: Client, uploadId: string) => client.settled(uploadId, "done", "failed", "cancelled");
const requestsFor = (path: string) => source.requests.filter((request) => request.path === path);

async function expectFile(client: Client, { fileId }: StatusJson, bytes: Uint8Array): Promise<void> {
  expect(Buffer.compare(await client.download(fileId ?? ""), bytes)).toBe(0);
}

test("brings a file whose server breaks the connection three times, and shows how far it is", async () => {
  const cuts = [400_000, 1_100_000, 900_000];
  const url = source.serve("/broken.bin", file(content, { cutAfter: (n) => cuts[n], pauseMs: 20 }));
  const uploadId = await start(alice, { url });
  const seen = await until(
    () => alice.status(uploadId),
    ({ state, percent }) => state !== "fetching" || (percent > 0 && percent < 100),
  );
  const { received: _, percent: __, bytes, ...rest } = seen;
  expect(rest).toEqual({ uploadId, name: "broken.bin", size: content.byteLength, state: "fetching", chunkCount: 4, missing: [] });
  expect(bytes).toBeGreaterThan(0);
  const done = await ended(alice, uploadId);
  expect(done).toMatchObject({ state: "done", name: "broken.bin", size: content.byteLength, percent: 100 });
  await expectFile(alice, done, content);
  const ranges = requestsFor("/broken.bin").map(({ headers }) => headers["range"]);
  expect(ranges).toEqual([undefined, "bytes=400000-", "bytes=1500000-", "bytes=2400000-"]);
});

test("brings a file whose length the server does not tell, named by the server", async () => {
  const url = source.serve("/stream", async ({ send, end }) => {
    await send(headOf("200 OK", { "content-disposition": "attachment; filename*=UTF-8''d%C3%A9j%C3%A0.txt" }));
    await send(content.subarray(0, 1_500_000));
    end();
  });
  const done = await ended(alice, await start(alice, { url }));
  expect(done).toMatchObject({ state: "done", name: "déjà.txt", size: 1_500_000 });
  await expectFile(alice, done, content.subarray(0, 1_500_000));
});

test("brings an empty file, through a redirect, under the name that was asked for", async () => {
  const url = source.serve("/moved", status("302 Found", { location: "/empty" }));
  source.serve("/empty", file(new Uint8Array()));
  const done = await ended(alice, await start(alice, { url, name: "nothing.txt" }));
  expect(done).toMatchObject({ state: "done", size: 0, percent: 100 });
  const { files } = await alice.json<{ files: { name: string }[] }>(200, "/file/query?q=nothing");
  expect(files.map(({ name }) => name)).toEqual(["nothing.txt"]);
});

describe("a sha1", () => {
  const own = bytesOf(100_000, "own sha1");

  test("is what the bytes must hash to", async () => {
    const url = source.serve("/hashed", file(own));
    const good = await ended(alice, await start(alice, { url, sha1: hashOf("sha1", own).toUpperCase() }));
    expect(good).toMatchObject({ state: "done" });
    const bad = await ended(bob, await start(bob, { url, sha1: "0".repeat(40) }));
    expect(bad).toMatchObject({ state: "failed", error: "sha1-mismatch" });
  });

  test("that the caller holds already ends it at once, and one that another holds does not", async () => {
    const url = source.serve("/held", file(own));
    const uploadId = await start(alice, { url, sha1: hashOf("sha1", own), name: "again.bin" });
    const done = await alice.status(uploadId);
    expect(done).toMatchObject({ state: "done", name: "again.bin", size: own.byteLength });
    await expectFile(alice, done, own);
    expect(requestsFor("/held")).toHaveLength(0);
    const theirs = await ended(bob, await start(bob, { url, sha1: hashOf("sha1", own) }));
    expect(theirs).toMatchObject({ state: "done", name: "held" });
    expect(requestsFor("/held")).toHaveLength(1);
  });
});

describe("a URL is refused", () => {
  test.each([
    "not a URL",
    "/file/query",
    "ftp://example.org/a",
    "file:///etc/passwd",
    "http://10.0.0.1/",
    "http://127.0.0.2/",
    "http://2130706434/",
    "http://0x7f.2/",
    "http://0177.0.0.2/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[fe80::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://ann:secret@example.org/",
    "http://example.org:22/",
  ])("%s", async (url) => {
    const { detail } = await problem(ask(alice, { url }), 400, "url-refused");
    expect(detail).not.toContain("secret");
  });

  test("that redirects inside, once it does", async () => {
    const before = source.requests.length;
    const url = source.serve("/inside", status("302 Found", { location: `http://127.0.0.3:${source.port}/secret` }));
    expect(await ended(alice, await start(alice, { url }))).toMatchObject({ state: "failed", error: "url-refused" });
    expect(source.requests.slice(before).map(({ path }) => path)).toEqual(["/inside"]);
  });

  test("of the drive's own machine and names that lead to it, by a drive that is not told otherwise", async () => {
    const url = source.serve("/strict", file(content));
    const before = source.requests.length;
    await using strict = await startDrive({ env: { OFFLINE_PORTS: String(source.port) } });
    const signedUp = await fetch(`${strict.url}/user`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "ann", password: "correct horse" }),
    });
    const { token } = (await signedUp.json()) as { token: string };
    const post = (body: unknown) =>
      fetch(`${strict.url}/file/offline`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    const names = ["localhost.", "a.localhost", "metadata.google.internal", "printer.local", "redis"].map(
      (name) => `http://${name}/`,
    );
    for (const refused of [url, `http://localhost:${source.port}/strict`, strict.url.replace(/:\d+$/, "/"), ...names])
      await problem(post({ url: refused }), 400, "url-refused");
    expect(source.requests).toHaveLength(before);
  });
});

test("says why it has failed", async () => {
  const gone = source.serve("/gone", status("410 Gone"));
  expect(await ended(alice, await start(alice, { url: gone }))).toMatchObject({
    state: "failed",
    error: "source-refused",
    received: 0,
    percent: 0,
  });
  const broken = source.serve("/broken", status("500 Oh"));
  expect(await ended(alice, await start(alice, { url: broken }))).toMatchObject({ state: "failed", error: "source-failed" });
  expect(requestsFor("/broken")).toHaveLength(3);
});

test("a cancel ends the transfer, and a second one is no error", async () => {
  const url = source.serve("/slow", file(bytesOf(2_000_000), { pauseMs: 500 }));
  const uploadId = await start(alice, { url });
  await until(async () => requestsFor("/slow").length, Boolean);
  const cancel = () => alice.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } });
  expect((await cancel()).status).toBe(204);
  expect(await alice.status(uploadId)).toMatchObject({ state: "cancelled", received: 0 });
  await until(async () => requestsFor("/slow")[0]?.gone.aborted, Boolean);
  expect((await cancel()).status).toBe(204);
});

test("as many of one user wait as may, though many ask at once, and then as many as have ended", async () => {
  const dave = await target.signUp(newName("dave"));
  const url = source.serve("/queued", file(bytesOf(20_000_000), { pauseMs: 500 }));
  const answers = await Promise.all(Array.from({ length: 15 }, () => ask(dave, { url })));
  const taken = answers.filter(({ status }) => status === 202);
  expect(taken).toHaveLength(6);
  for (const answer of answers.filter(({ status }) => status !== 202)) {
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    await problem(answer, 429, "too-many-downloads");
  }
  const cancel = async (uploadId: string) => await dave.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } });
  const ids = await Promise.all(taken.map(async (answer) => ((await answer.json()) as { uploadId: string }).uploadId));
  expect((await cancel(ids[0] ?? "")).status).toBe(204);
  ids.push(await start(dave, { url }));
  await problem(ask(dave, { url }), 429, "too-many-downloads");
  // What one waits for is no other's concern.
  await cancel(await start(bob, { url }));
  for (const id of ids.slice(1)) expect((await cancel(id)).status).toBe(204);
});

test("ends with the account", async () => {
  const carol = await target.signUp(newName("carol"));
  const url = source.serve("/carols", file(bytesOf(2_000_000), { pauseMs: 500 }));
  await start(carol, { url });
  await until(async () => requestsFor("/carols").length, Boolean);
  expect((await carol.fetch(`/user/${carol.username}`, { method: "DELETE" })).status).toBe(204);
  await until(async () => requestsFor("/carols")[0]?.gone.aborted, Boolean);
});

test("tells of itself as events", async () => {
  const url = source.serve("/told", file(content, { pauseMs: 50 }));
  await using events = await openEvents(target.url, { authorization: `Bearer ${alice.token}` });
  const uploadId = await start(alice, { url });
  const of = (state: string) => (event: { event: string; data: Record<string, unknown> }) =>
    event.event === "upload" && event.data["uploadId"] === uploadId && event.data["state"] === state;
  const under = await events.waitFor("a fetch under way", (event) => of("fetching")(event) && Number(event.data["bytes"]) > 0);
  expect(under.data).toMatchObject({ name: "told", size: content.byteLength });
  await events.waitFor("its end", of("done"));
});

test("is its owner's", async () => {
  const url = source.serve("/owned", file(content));
  const uploadId = await start(alice, { url });
  await problem(bob.fetch(`/file/mpupload/status?uploadid=${uploadId}`), 404, "no-such-upload");
  await problem(bob.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } }), 404, "no-such-upload");
  await problem(target.fetch("/file/offline", { method: "POST", json: { url } }), 401, "unauthorized");
});

test("takes no chunks and cannot be completed by the client", async () => {
  const url = source.serve("/theirs", file(bytesOf(2_000_000), { pauseMs: 500 }));
  const uploadId = await start(alice, { url });
  await problem(alice.chunk(uploadId, 1, content.subarray(0, 2 ** 20)), 409, "upload-closed");
  const complete = await alice.json<StatusJson>(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
  expect(complete.state).toBe("fetching");
  await alice.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } });
});

test.each<[string, unknown]>([
  ["without a URL", {}],
  ["with a number for a URL", { url: 1 }],
  ["with a member that is none", { url: "http://example.org/", extra: 1 }],
  ["with a URL of 3000 characters", { url: `http://example.org/${"a".repeat(3000)}` }],
  ["with a sha1 that is none", { url: "http://example.org/", sha1: "abc" }],
])("a request %s is malformed", async (_, json) => {
  await problem(ask(alice, json), 400, "invalid-request");
});

test("a name that none may have is refused", async () => {
  await problem(ask(alice, { url: source.serve("/any", file(content)), name: "a/b" }), 400, "invalid-name");
});

test("every route was asked for, and answered as the document says", async () => {
  await expectCalled(target, "offline");
});
