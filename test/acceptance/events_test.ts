import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, type FileJson } from "../support/client.ts";
import { openEvents } from "./event_stream.ts";
import { formOf } from "./form.ts";
import { expectCalled } from "./routes.ts";
import { openTarget, problem, type Target } from "./target.ts";

setDefaultTimeout(300_000);

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const listen = (client: Client, headers: Record<string, string> = {}) =>
  openEvents(client.base, { authorization: `Bearer ${client.token}`, ...headers });

test("is a stream of events that nobody caches", async () => {
  const alice = await target.signUp();
  await using events = await listen(alice);
  expect(events.response.status).toBe(200);
  expect(events.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect(events.response.headers.get("cache-control")).toMatch(/no-cache|no-store/);
  expect(events.response.headers.get("x-request-id")).toMatch(/\S/);
});

test("tells of an upload from its beginning to its file", async () => {
  const alice = await target.signUp();
  await using events = await listen(alice);
  const { uploadId } = await alice.init({ name: "a.bin", size: 1000 });
  const opened = await events.waitFor("the upload opened", ({ event, data }) => event === "upload" && data["state"] === "open");
  expect(opened.data).toEqual({ ...(await alice.status(uploadId)) });
  await alice.chunk(uploadId, 1, bytesOf(1000));
  await alice.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
  const done = await events.waitFor("the upload done", ({ event, data }) => event === "upload" && data["state"] === "done");
  expect(done.data).toEqual({ ...(await alice.status(uploadId)) });
  const fileId = done.data["fileId"];
  const stored = await events.waitFor(
    "the file stored",
    ({ event, data }) => event === "file" && data["id"] === fileId && data["state"] === "stored",
  );
  expect(stored.data).toEqual({ ...(await alice.json<FileJson>(200, `/file/query?id=${String(fileId)}`)) });
});

test("tells that an upload is verified, failed, cancelled and expired", async () => {
  await using slow = await openTarget({ WORKERS: "purge,sweep", UPLOAD_TTL: "1s" });
  const carol = await slow.signUp();
  await using events = await listen(carol);
  const wait = (state: string, id: string) =>
    events.waitFor(
      `${state} ${id}`,
      ({ event, data }) => event === "upload" && data["state"] === state && data["uploadId"] === id,
    );
  const first = await carol.init({ name: "a.bin", size: 0 });
  await carol.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId: first.uploadId } });
  await wait("verifying", first.uploadId);
  const second = await carol.init({ name: "b.bin", size: 10 });
  await carol.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId: second.uploadId } });
  await wait("cancelled", second.uploadId);
  const third = await carol.init({ name: "c.bin", size: 10 });
  await wait("cancelled", third.uploadId);

  const alice = await target.signUp();
  await using others = await listen(alice);
  const { uploadId } = await alice.uploadChunked("wrong.bin", bytesOf(10), { sha1: "0".repeat(40) });
  const failed = await others.waitFor("failed", ({ event, data }) => event === "upload" && data["state"] === "failed");
  expect(failed.data).toMatchObject({ uploadId, error: "sha1-mismatch" });
});

test("tells of files made, renamed and deleted", async () => {
  const alice = await target.signUp();
  await using events = await listen(alice);
  const { id } = await alice.upload("a.bin", bytesOf(1000));
  await events.waitFor("the file", ({ event, data }) => event === "file" && data["id"] === id);
  await events.waitFor("the file stored", ({ data }) => data["id"] === id && data["state"] === "stored");
  await alice.json(200, "/file/update", { method: "POST", json: { id, name: "b.bin" } });
  await events.waitFor("the new name", ({ data }) => data["id"] === id && data["name"] === "b.bin");
  await alice.fetch("/file/delete", { method: "POST", json: { id } });
  await events.waitFor("the end", ({ data }) => data["id"] === id && data["deleted"] === true);
});

test("tells of instant uploads, and of what another of one's clients does", async () => {
  const alice = await target.signUp();
  const { sha1, size } = await alice.upload("a.bin", bytesOf(1000));
  await using one = await listen(alice);
  await using two = await listen(alice);
  await alice.json(201, "/file/fastupload", { method: "POST", json: { sha1, size, name: "fast.bin" } });
  for (const events of [one, two]) await events.waitFor("the file", ({ data }) => data["name"] === "fast.bin");
});

test("tells nobody of anybody else's", async () => {
  const [alice, bob] = [await target.signUp(), await target.signUp()];
  await using events = await listen(bob);
  const { id } = await alice.upload("secret.bin", bytesOf(1000));
  const own = await bob.upload("own.bin", bytesOf(1000));
  await events.waitFor("bob's own file stored", ({ data }) => data["id"] === own.id && data["state"] === "stored");
  expect(events.seen.filter(({ data }) => data["id"] === id)).toEqual([]);
});

test("does not tell the same twice, nor what was before", async () => {
  const alice = await target.signUp();
  await alice.upload("before.bin", bytesOf(10));
  await Bun.sleep(300);
  await using events = await listen(alice);
  const { id } = await alice.upload("a.bin", bytesOf(1000));
  await events.waitFor("stored", ({ data }) => data["id"] === id && data["state"] === "stored");
  await Bun.sleep(1500);
  const told = events.seen.map(({ data }) => JSON.stringify(data));
  expect(new Set(told).size).toBe(told.length);
  expect(events.seen.filter(({ data }) => data["name"] === "before.bin" && data["state"] === "spooled")).toEqual([]);
});

test("Last-Event-ID goes on after a gap, and nothing is lost in it", async () => {
  const alice = await target.signUp();
  let last = "";
  {
    await using events = await listen(alice);
    const { id } = await alice.upload("a.bin", bytesOf(1000));
    last = (await events.waitFor("stored", ({ data }) => data["id"] === id && data["state"] === "stored")).id;
    expect(last).toMatch(/\S/);
  }
  const missed = await alice.upload("missed.bin", bytesOf(2000));
  const { uploadId } = await alice.uploadChunked("missed2.bin", bytesOf(3000));
  await alice.fetch("/file/delete", { method: "POST", json: { id: missed.id } });
  await using events = await listen(alice, { "last-event-id": last });
  await events.waitFor("what was missed", ({ data }) => data["uploadId"] === uploadId && data["state"] === "done");
  await events.waitFor("the file deleted meanwhile", ({ data }) => data["id"] === missed.id && data["deleted"] === true);
  expect(events.seen.filter(({ data }) => data["name"] === "a.bin")).toEqual([]);
});

test("a Last-Event-ID that is none is passed over", async () => {
  const alice = await target.signUp();
  for (const id of ["x", "-1", "99999999999999999999", "1.5"]) {
    await using events = await listen(alice, { "last-event-id": id });
    const file = await alice.upload("a.bin", bytesOf(10));
    await events.waitFor("the file", ({ data }) => data["id"] === file.id);
  }
});

test("tells of many files that changed at once", async () => {
  const alice = await target.signUp();
  await using events = await listen(alice);
  const form = (from: number) =>
    formOf(...Array.from({ length: 600 }, (_, i): [string, Uint8Array<ArrayBuffer>] => [`${from + i}.txt`, bytesOf(1)]));
  await alice.json(201, "/file/upload", form(0));
  await alice.json(201, "/file/upload", form(600));
  const { id } = await alice.upload("last.txt", bytesOf(10, "last"));
  await events.waitFor("the last of them", ({ data }) => data["id"] === id);
  const names = new Set(events.seen.map(({ data }) => data["name"]));
  expect(Array.from({ length: 1200 }, (_, i) => `${i}.txt`).filter((name) => !names.has(name))).toEqual([]);
});

test("ends when its user signs out", async () => {
  const alice = await target.signUp();
  await using events = await listen(alice);
  await alice.fetch("/token", { method: "DELETE" });
  await Promise.race([events.ended, Bun.sleep(10_000).then(() => Promise.reject(new Error("it goes on")))]);
});

test("needs a token", async () => {
  await problem(target.fetch("/file/events"), 401, "unauthorized");
  await problem(target.fetch("/file/events", { headers: { authorization: "Bearer x" } }), 401, "unauthorized");
});

test("asks for its route, and gets only answers that the document lists", async () => {
  const alice = await target.signUp();
  const abort = new AbortController();
  expect((await alice.fetch("/file/events", { signal: abort.signal })).status).toBe(200);
  abort.abort();
  await expectCalled(target, "events");
});
