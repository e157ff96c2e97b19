import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { open } from "node:fs/promises";

import { fetchById, insertFetch } from "#db/fetches.ts";
import { cancelUpload, uploadById } from "#db/uploads.ts";
import { newId } from "#lib/id/mod.ts";

import { bytesOf, until } from "../../test/support/client.ts";
import { file, headOf, type Source, startSource, status } from "../../test/support/source_server.ts";
import { merge } from "../merge/merge.ts";
import { runJob } from "../run_job.ts";
import { sweep } from "../sweep/sweep.ts";
import { newUser, testWorkers } from "../testing.ts";
import { fetch } from "./fetch.ts";

setDefaultTimeout(300_000);

const chunkSize = 2 ** 20;
const content = bytesOf(2_500_000, "fetch");
const other = bytesOf(2_700_000, "other");

let source: Source;
beforeAll(async () => {
  source = await startSource();
});
afterAll(async () => await source[Symbol.asyncDispose]());

interface Asked {
  url: string;
  name?: string;
  env?: Record<string, string>;
}

/** A node's workers with an upload that waits to be fetched. */
async function waiting({ url, name, env }: Asked) {
  const allow = { OFFLINE_ALLOW: "127.0.0.1", OFFLINE_PORTS: String(source.port), OFFLINE_IDLE_TIMEOUT: "1s" };
  const workers = await testWorkers({ ...allow, OFFLINE_TRIES: "3", ...env });
  const { ctx, clock } = workers;
  const [id, userId] = [newId(), await newUser(ctx.catalog)];
  const shape = { name: name ?? "unnamed", size: 0, sha1: null, chunkSize, chunkCount: 0, node: ctx.node, requestId: null };
  await ctx.spool.create(id, 0);
  const upload = { ...shape, id, userId, createdAt: clock.at, expiresAt: clock.at + 1e9 };
  await insertFetch(ctx.catalog, upload, { url, isNamed: name === undefined ? 0 : 1 }, async () => undefined, 1);
  const row = async () => {
    const [upload, fetched] = [await uploadById(ctx.catalog.db, id), await fetchById(ctx.catalog.db, id)];
    if (!upload || !fetched) throw new Error(`upload ${id} is gone`);
    return { ...fetched, ...upload };
  };
  const run = async () => {
    await runJob(ctx, fetch, id);
    return await row();
  };
  /** As the runner does, at the time when it is due again. */
  const runAgain = async () => {
    clock.at = Math.max(clock.at, (await row()).leaseUntil);
    return await run();
  };
  const bytes = async () => new Uint8Array(await Bun.file(ctx.spool.path(id)).arrayBuffer());
  const spooled = async () => (await ctx.spool.list()).map((entry) => entry.id);
  return {
    ...workers,
    id,
    row,
    run,
    runAgain,
    bytes,
    spooled,
    asked: () => source.requests.filter(({ path }) => url.endsWith(path)),
  };
}

const rangesOf = (requests: { headers: Record<string, string> }[]) => requests.map(({ headers }) => headers["range"] ?? "all");

describe("a fetch", () => {
  test("brings a file into the spool, to be merged", async () => {
    await using job = await waiting({ url: source.serve("/dir/plain%20file.bin", file(content)) });
    const row = await job.run();
    expect(row).toMatchObject({
      state: "verifying",
      name: "plain file.bin",
      size: content.byteLength,
      chunkCount: 3,
      leaseOwner: null,
    });
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
    expect((await job.ctx.progress.received(job.id, 3)).complete).toBe(true);
    const [asked] = job.asked();
    expect(asked?.headers).toMatchObject({ "accept-encoding": "identity", host: `127.0.0.1:${source.port}` });
  });

  test.each([0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize])(
    "of %i bytes whose length nobody tells",
    async (size) => {
      const bytes = bytesOf(size, "chunked");
      const url = source.serve(`/chunked/${size}`, async ({ send, end }) => {
        await send(headOf("200 OK", { "transfer-encoding": "chunked" }));
        for (let at = 0; at < size; at += 100_000) {
          const piece = bytes.subarray(at, at + 100_000);
          await send(`${piece.byteLength.toString(16)}\r\n`);
          await send(piece);
          await send("\r\n");
        }
        await send("0\r\n\r\n");
        end();
      });
      await using job = await waiting({ url });
      expect(await job.run()).toMatchObject({ state: "verifying", size, length: size, chunkCount: Math.ceil(size / chunkSize) });
      expect(Buffer.compare(await job.bytes(), bytes)).toBe(0);
    },
  );

  test("goes on by ranges through a connection that breaks three times, also within a chunk", async () => {
    const cuts = [300_000, 1_000_000, 10];
    await using job = await waiting({ url: source.serve("/breaks", file(content, { cutAfter: (n) => cuts[n] })) });
    expect(await job.run()).toMatchObject({ state: "verifying", attempts: 0 });
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
    expect(rangesOf(job.asked())).toEqual(["all", "bytes=300000-", "bytes=1300000-", "bytes=1300010-"]);
    expect(job.asked()[1]?.headers["if-range"]).toBe('"v1"');
  });

  test("begins anew where the server takes no ranges", async () => {
    const cutAfter = (n: number) => (n < 2 ? 1_500_000 : undefined);
    await using job = await waiting({ url: source.serve("/no-ranges", file(content, { ranges: false, cutAfter })) });
    // The second answer is all of it again: that is no getting on.
    expect(await job.run()).toMatchObject({ state: "fetching", attempts: 1 });
    expect(await job.runAgain()).toMatchObject({ state: "verifying" });
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test("begins anew where there is nothing by which to tell whether it is the same", async () => {
    const cutAfter = (n: number) => (n === 0 ? 1_500_000 : undefined);
    await using job = await waiting({ url: source.serve("/weak", file(content, { etag: 'W/"v1"', cutAfter })) });
    expect(await job.run()).toMatchObject({ state: "fetching", validator: null, attempts: 1 });
    expect(await job.runAgain()).toMatchObject({ state: "verifying" });
    expect(rangesOf(job.asked())).toEqual(["all", "all"]);
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test("never mixes two contents", async () => {
    const first = file(content, { cutAfter: () => 1_500_000 });
    const second = file(other, { etag: '"v2"' });
    const url = source.serve("/changes", (request) => (request.earlier === 0 ? first(request) : second(request)));
    await using job = await waiting({ url });
    expect(await job.run()).toMatchObject({ state: "verifying", size: other.byteLength, validator: '"v2"' });
    expect(Buffer.compare(await job.bytes(), other)).toBe(0);
  });

  test("never mixes two contents of a server that minds no If-Range", async () => {
    const url = source.serve("/careless", async (request) => {
      const { range = "bytes=0-", ...headers } = request.headers;
      delete headers["if-range"];
      const etag = request.earlier === 0 ? '"v1"' : '"v2"';
      const bytes = request.earlier === 0 ? content : other.subarray(0, content.byteLength);
      const cutAfter = () => (request.earlier === 0 ? 1_500_000 : undefined);
      await file(bytes, { etag, cutAfter })({ ...request, headers: request.earlier === 0 ? headers : { ...headers, range } });
    });
    await using job = await waiting({ url });
    expect(await job.run()).toMatchObject({ state: "fetching", attempts: 1, received: 0 });
    source.serve("/careless", file(other));
    expect(await job.runAgain()).toMatchObject({ state: "verifying", size: other.byteLength });
    expect(Buffer.compare(await job.bytes(), other)).toBe(0);
  });

  test("whose last chunk was written by a run that died just then asks for nothing more", async () => {
    await using job = await waiting({ url: source.serve("/died", file(content)) });
    const dying = { ...job.ctx, fault: (point: string) => void (point === "fetch.before-close" && died()) };
    await runJob(dying, fetch, job.id);
    expect(await job.row()).toMatchObject({ state: "fetching" });
    expect(await job.runAgain()).toMatchObject({ state: "verifying", size: content.byteLength });
    expect(job.asked()).toHaveLength(1);
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test("whose run died in the middle asks for the rest", async () => {
    await using job = await waiting({ url: source.serve("/middle", file(content)) });
    let chunks = 0;
    const dying = { ...job.ctx, fault: (point: string) => void (point === "fetch.after-chunk" && ++chunks === 2 && died()) };
    await runJob(dying, fetch, job.id);
    expect(await job.runAgain()).toMatchObject({ state: "verifying" });
    expect(rangesOf(job.asked())).toEqual(["all", `bytes=${2 * chunkSize}-`]);
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test("whose spool file somebody took begins anew", async () => {
    await using job = await waiting({ url: source.serve("/taken", file(content)) });
    await job.ctx.spool.remove(job.id);
    expect(await job.run()).toMatchObject({ state: "verifying" });
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test.each(["404 Not Found", "403 Forbidden", "410 Gone", "204 No Content", "304 Not Modified", "300 Multiple Choices"])(
    "fails for good at %s",
    async (line) => {
      await using job = await waiting({ url: source.serve(`/${line.slice(0, 3)}`, status(line)) });
      expect(await job.run()).toMatchObject({ state: "failed", error: "source-refused", leaseOwner: null, leaseUntil: 0 });
      expect(await job.spooled()).toEqual([]);
    },
  );

  test.each(["500 Oh", "503 Later", "429 Slower", "408 Timeout"])(
    "tries again at %s, and gives up after the third",
    async (line) => {
      await using job = await waiting({ url: source.serve(`/${line.slice(0, 3)}`, status(line)) });
      expect(await job.run()).toMatchObject({ state: "fetching", attempts: 1 });
      expect(await job.runAgain()).toMatchObject({ state: "fetching", attempts: 2 });
      expect(await job.runAgain()).toMatchObject({ state: "failed", error: "source-failed" });
      expect(await job.spooled()).toEqual([]);
    },
  );

  test("waits for as long as the server asks", async () => {
    await using job = await waiting({ url: source.serve("/later", status("503 Later", { "retry-after": 77 })) });
    expect((await job.run()).leaseUntil).toBe(job.clock.at + 77_000);
  });

  test("tries that brought something are not counted", async () => {
    const cutAfter = (n: number) => (n % 2 === 0 ? chunkSize : 0);
    await using job = await waiting({ url: source.serve("/drips", file(content, { cutAfter })) });
    expect(await job.run()).toMatchObject({ state: "fetching", attempts: 1 });
    expect(await job.runAgain()).toMatchObject({ state: "fetching", attempts: 1 });
    expect(await job.runAgain()).toMatchObject({ state: "verifying" });
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test.each<[string, string, (url: string) => void]>([
    ["is silent before its answer", "/silent", (path) => source.serve(path, () => {})],
    [
      "is silent in the middle",
      "/stalls",
      (path) => source.serve(path, ({ send }) => send(`${headOf("200 OK", { "content-length": 9 })}abc`)),
    ],
    ["closes at once", "/closes", (path) => source.serve(path, ({ end }) => end())],
    ["resets at once", "/resets", (path) => source.serve(path, ({ cut }) => cut())],
    [
      "sends less than it said",
      "/less",
      (path) => source.serve(path, file(content, { headers: { "content-length": 9_000_000 } })),
    ],
    ["speaks no HTTP", "/no-http", (path) => source.serve(path, ({ send }) => send("220 ftp\r\n\r\n"))],
    [
      "answers by two lengths",
      "/two",
      (path) => source.serve(path, ({ send }) => send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")),
    ],
    ["answers with a part that nobody asked for", "/part", (path) => source.serve(path, status("206 Partial Content"))],
    [
      "has a head without end",
      "/head",
      (path) => source.serve(path, ({ send }) => send(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(300_000)}`)),
    ],
  ])("tries again where the server %s", async (_, path, serve) => {
    serve(path);
    await using job = await waiting({ url: `http://127.0.0.1:${source.port}${path}` });
    const row = await job.run();
    expect(row).toMatchObject(
      path === "/part" ? { state: "failed", error: "source-refused" } : { state: "fetching", attempts: 1 },
    );
  });

  test("takes no content coding that was not asked for", async () => {
    const bomb = status("200 OK", { "content-encoding": "gzip" });
    await using job = await waiting({ url: source.serve("/coded", bomb) });
    expect(await job.run()).toMatchObject({ state: "failed", error: "source-refused" });
  });

  test.each([true, false])("takes no more than a file may have, whether its length is told (%p)", async (isTold) => {
    const url = source.serve(`/large/${isTold}`, async ({ send, end }) => {
      await send(headOf("200 OK", isTold ? { "content-length": content.byteLength } : {}));
      await send(content);
      end();
    });
    await using job = await waiting({ url, env: { FILE_MAX_BYTES: "2MB" } });
    expect(await job.run()).toMatchObject({ state: "failed", error: "too-large" });
    expect(await job.spooled()).toEqual([]);
  });

  test.each([true, false])("takes no more than the user's quota, whether its length is told (%p)", async (isTold) => {
    const url = source.serve(`/quota/${isTold}`, async ({ send, end }) => {
      await send(headOf("200 OK", isTold ? { "content-length": content.byteLength } : {}));
      await send(content);
      end();
    });
    await using full = await waiting({ url, env: { USER_QUOTA_BYTES: "2MB" } });
    expect(await full.run()).toMatchObject({ state: "failed", error: "no-space" });
    await using room = await waiting({ url, env: { USER_QUOTA_BYTES: "2500000" } });
    expect(await room.run()).toMatchObject({ state: "verifying", size: content.byteLength });
  });

  test.each([
    ['attachment; filename="a b.txt"', "a b.txt"],
    ["attachment; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf; filename=x.pdf", "日本.pdf"],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    [`attachment; filename="${Buffer.from("ä.txt").toString("latin1")}"`, "ä.txt"],
    ["attachment; filename=", "path.bin"],
    ["attachment", "path.bin"],
    ['attachment; filename=".."', "path.bin"],
  ])("is named by %s", async (disposition, name) => {
    const path = `/named/${crypto.randomUUID()}/path.bin`;
    const answer = file(content.subarray(0, 10), { headers: { "content-disposition": disposition } });
    const url = source.serve(path, ({ send, ...rest }) =>
      answer({ ...rest, send: (b) => send(typeof b === "string" ? Buffer.from(b, "latin1") : b) }),
    );
    await using job = await waiting({ url });
    expect((await job.run()).name).toBe(name);
  });

  test("keeps the name that the client gave", async () => {
    const answer = file(content.subarray(0, 10), { headers: { "content-disposition": "attachment; filename=theirs" } });
    await using job = await waiting({ url: source.serve("/given", answer), name: "mine.txt" });
    expect((await job.run()).name).toBe("mine.txt");
  });

  test("follows five redirects, and is named by where they end", async () => {
    source.serve("/hop/5", file(content, { headers: {} }));
    for (const hop of [0, 1, 2, 3, 4]) source.serve(`/hop/${hop}`, status("302 Found", { location: `${hop + 1}?q` }));
    await using job = await waiting({ url: `http://127.0.0.1:${source.port}/hop/0` });
    expect(await job.run()).toMatchObject({ state: "verifying", name: "5" });
  });

  test("follows no sixth", async () => {
    await using job = await waiting({ url: source.serve("/loop", status("301 Moved", { location: "/loop" })) });
    expect(await job.run()).toMatchObject({ state: "failed", error: "source-refused" });
    expect(job.asked()).toHaveLength(6);
  });

  test.each([
    "http://127.0.0.2/",
    "http://localhost:1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]:1/",
    "http://0x7f000002/",
    "//10.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://example.org/",
    "http://user:password@127.0.0.1/",
    "http://127.0.0.1:22/",
  ])("follows no redirect to %s", async (location) => {
    await using job = await waiting({ url: source.serve(`/to/${encodeURIComponent(location)}`, status("307 Go", { location })) });
    expect(await job.run()).toMatchObject({ state: "failed", error: "url-refused" });
    expect(await job.spooled()).toEqual([]);
  });

  test("that was cancelled ends within a second or so, and leaves nothing", async () => {
    await using job = await waiting({ url: source.serve("/slow", file(content, { pauseMs: 200 })) });
    const running = job.run();
    await until(async () => job.asked().length, Boolean);
    expect(await cancelUpload(job.ctx.catalog, job.id, job.clock.at, 9e15)).toBe(true);
    await job.ctx.spool.remove(job.id);
    expect(await running).toMatchObject({ state: "cancelled" });
    await until(async () => job.asked()[0]?.gone.aborted, Boolean);
    expect(await job.spooled()).toEqual([]);
  });

  test("gives its row back at once when the process stops, and was not tried in vain", async () => {
    await using job = await waiting({ url: source.serve("/stops", file(content, { pauseMs: 200 })) });
    const stopping = new AbortController();
    const lifecycle = { ...job.ctx.lifecycle, stopping: stopping.signal };
    const running = runJob({ ...job.ctx, lifecycle }, fetch, job.id);
    await until(async () => job.asked().length, Boolean);
    stopping.abort();
    await running;
    expect(await job.row()).toMatchObject({ state: "fetching", leaseOwner: null, leaseUntil: job.clock.at, attempts: 0 });
    await until(async () => job.asked()[0]?.gone.aborted, Boolean);
  });

  test("whose chunk is found torn when it is merged brings the rest again", async () => {
    await using job = await waiting({ url: source.serve("/torn", file(content)) });
    await job.run();
    await tear(job.ctx.spool.path(job.id), chunkSize + 5);
    await runJob(job.ctx, merge, job.id);
    expect(await job.row()).toMatchObject({ state: "fetching", leaseOwner: null });
    expect(await job.run()).toMatchObject({ state: "verifying" });
    expect(rangesOf(job.asked())).toEqual(["all", `bytes=${chunkSize}-`]);
    await runJob(job.ctx, merge, job.id);
    expect(await job.row()).toMatchObject({ state: "done", error: null });
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test("whose chunk is found torn, and whose file has changed, keeps nothing of the old one", async () => {
    await using job = await waiting({ url: source.serve("/torn-changed", file(content)) });
    await job.run();
    await tear(job.ctx.spool.path(job.id), 5);
    await runJob(job.ctx, merge, job.id);
    source.serve("/torn-changed", file(other, { etag: '"v2"', cutAfter: (n) => (n === 1 ? chunkSize + 10 : 0) }));
    // The first chunk is of the new file; those behind it were of the old one.
    expect(await job.run()).toMatchObject({ state: "fetching", validator: '"v2"' });
    source.serve("/torn-changed", file(other, { etag: '"v2"' }));
    expect(await job.runAgain()).toMatchObject({ state: "verifying" });
    expect(rangesOf(job.asked()).at(-1)).toBe(`bytes=${chunkSize}-`);
    expect(Buffer.compare(await job.bytes(), other)).toBe(0);
  });

  test("whose spool file is gone when it is merged begins anew", async () => {
    await using job = await waiting({ url: source.serve("/lost", file(content)) });
    await job.run();
    await job.ctx.spool.remove(job.id);
    await runJob(job.ctx, merge, job.id);
    expect(await job.run()).toMatchObject({ state: "verifying" });
    expect(Buffer.compare(await job.bytes(), content)).toBe(0);
  });

  test("that brings nothing for as long as an upload lives is swept, with all that is its", async () => {
    await using job = await waiting({ url: source.serve("/swept", status("503 Later")) });
    await job.run();
    const { leaseUntil, expiresAt } = await job.row();
    job.clock.at = Math.max(leaseUntil, expiresAt);
    await sweep.tick(job.ctx, job.ctx.lifecycle.aborted);
    expect(await job.row()).toMatchObject({ state: "cancelled", leaseOwner: null, leaseUntil: 0 });
    expect(await job.spooled()).toEqual([]);
    job.clock.at += 25 * 3_600_000;
    await sweep.tick(job.ctx, job.ctx.lifecycle.aborted);
    expect(await fetchById(job.ctx.catalog.db, job.id)).toBeUndefined();
  });

  test("waits while older ones of the same user are on their way", async () => {
    const slow = file(content, { pauseMs: 100 });
    await using job = await waiting({ url: source.serve("/first", slow), env: { OFFLINE_PER_USER: "1" } });
    const running = job.run();
    await until(async () => job.asked().length, Boolean);
    const { url, isNamed, userId, createdAt, expiresAt } = await job.row();
    const second = newId();
    await job.ctx.spool.create(second, 0);
    const shape = { name: "second", size: 0, sha1: null, chunkSize, chunkCount: 0, node: job.ctx.node, requestId: null };
    await insertFetch(
      job.ctx.catalog,
      { ...shape, id: second, userId, createdAt, expiresAt },
      { url, isNamed },
      async () => undefined,
      2,
    );
    await runJob(job.ctx, fetch, second);
    const isNext = async () => (await fetch.due(job.ctx, 10)).includes(second);
    expect(await uploadById(job.ctx.catalog.db, second)).toMatchObject({ state: "fetching", leaseOwner: null, attempts: 0 });
    expect(await isNext()).toBe(false);
    expect(job.asked()).toHaveLength(1);
    expect(await running).toMatchObject({ state: "verifying" });
    expect(await isNext()).toBe(true);
    await runJob(job.ctx, fetch, second);
    expect(await uploadById(job.ctx.catalog.db, second)).toMatchObject({ state: "verifying" });
  });

  test("has no more time than it may take in all", async () => {
    await using job = await waiting({ url: source.serve("/time", status("503 Later")), env: { OFFLINE_TIMEOUT: "1m" } });
    expect(await job.run()).toMatchObject({ state: "fetching" });
    job.clock.at += 60_000;
    expect(await job.run()).toMatchObject({ state: "failed", error: "source-failed" });
  });
});

/** A power cut took a byte. */
async function tear(path: string, at: number): Promise<void> {
  await using spooled = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await spooled.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await spooled.write(byte, 0, 1, at);
}

function died(): never {
  throw new Error("the process is gone");
}
