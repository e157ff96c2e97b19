import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";

import { bytesOf, type Client, type FileJson, hashOf, signUp, until } from "../support/client.ts";
import { readDataDir, spoolPath } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { addressOf, type Front, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

const size = 300_007;
const bytes = bytesOf(size);
const day = 86_400_000;
/** Of a connection, not of a representation. */
const ofConnection = new Set(["date", "server", "connection", "keep-alive", "transfer-encoding"]);

/** All that an answer says of the file, in one form: where the gateway sends it, nginx puts a space before a charset. */
async function told(answer: Response) {
  const fields = [...answer.headers].filter(([name]) => !ofConnection.has(name));
  const headers = Object.fromEntries(fields.map(([name, value]) => [name, value.replace("; charset", ";charset")]));
  return { status: answer.status, headers, sha1: hashOf("sha1", await answer.bytes()) };
}

describe.skipIf(lacksServers("nginx")).each(["spooled", "stored"] as const)("through nginx, a file that is %s", (state) => {
  let drive: Drive;
  let front: Front;
  /** Asks nginx. */
  let client: Client;
  let file: FileJson;

  beforeAll(async () => {
    const workers = state === "stored" ? "merge,push,purge,sweep" : "merge,purge,sweep";
    drive = await startDrive({ env: { NODE_ID: "n1", TRUSTED_PROXIES: "127.0.0.1", WORKERS: workers } });
    front = await startFront({ gateways: [addressOf(drive.url)], nodes: { n1: drive.dataDir } });
    client = await signUp(front.url);
    file = await uploaded("film.mp4", bytes);
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await drive[Symbol.asyncDispose]();
  });

  const uploaded = async (name: string, content: Uint8Array<ArrayBuffer>) => {
    const { id } = await client.upload(name, content);
    return await until(
      () => client.json<FileJson>(200, `/file/query?id=${id}`),
      (now) => now.state === state,
    );
  };
  const ask = (base: string, id: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${base}/file/download?id=${id}`, {
      method,
      headers: { authorization: `Bearer ${client.token}`, "x-request-id": "one-for-all", ...headers },
    });
  /** What the gateway answers to a front that can read its folder; `null`: it sends the bytes itself. */
  const redirected = async (id: string, headers: Record<string, string> = {}, method = "GET") => {
    const answer = await ask(drive.url, id, { ...headers, "x-accel-nodes": "n0,n1" }, method);
    await answer.bytes();
    return answer.headers.get("x-accel-redirect");
  };
  const expectSame = async (id: string, headers: Record<string, string> = {}, method = "GET") => {
    const direct = await told(await ask(drive.url, id, headers, method));
    expect(await told(await ask(front.url, id, headers, method))).toEqual(direct);
    return direct;
  };
  const etag = () => `"${file.sha1}"`;
  const uploadedAt = (offsetMs = 0) => new Date(Date.parse(file.uploadedAt) + offsetMs).toUTCString();

  test("is sent by nginx, with all that the gateway says of it", async () => {
    const redirect = await redirected(file.id);
    expect(redirect).toMatch(
      state === "stored" ? /^\/_accel\/n1\/store\/[0-9a-zA-Z/-]+$/ : /^\/_accel\/n1\/spool\/\w{26}\.data$/,
    );
    const { status, headers, sha1 } = await expectSame(file.id);
    expect([status, sha1, headers["content-length"]]).toEqual([200, file.sha1, String(size)]);
    expect([headers["etag"], headers["last-modified"]]).toEqual([etag(), uploadedAt()]);
    expect(headers["repr-digest"]).toBe(`sha-256=:${Buffer.from(file.sha256, "hex").toString("base64")}:`);
    expect(headers["x-request-id"]).toBe("one-for-all");
  });

  test.each([
    "bytes=0-0",
    "bytes=100-299",
    "bytes=200000-",
    "bytes=-1",
    "bytes=-1000",
    "BYTES=5-6",
    "bytes=0-",
    "bytes=300006-999999999",
  ])("nginx cuts out %s", async (range) => {
    expect(await redirected(file.id, { range })).not.toBeNull();
    expect((await expectSame(file.id, { range })).status).toBe(206);
  });

  test("nginx takes an If-Range that holds", async () => {
    for (const value of [etag(), uploadedAt()]) {
      const headers = { range: "bytes=10-19", "if-range": value };
      expect(await redirected(file.id, headers)).not.toBeNull();
      expect((await expectSame(file.id, headers)).status).toBe(206);
    }
  });

  test("conditions that do not hold back the file are no matter of nginx's", async () => {
    const passed: Record<string, string>[] = [
      { "if-none-match": '"other"' },
      { "if-modified-since": uploadedAt(-day) },
      { "if-none-match": '"other"', "if-modified-since": uploadedAt(day) },
      { "if-none-match": 'W/"other", "x"', range: "bytes=0-4" },
    ];
    for (const headers of passed) {
      expect(await redirected(file.id, headers)).not.toBeNull();
      expect((await expectSame(file.id, headers)).status).toBe("range" in headers ? 206 : 200);
    }
  });

  // What is rare, or what nginx would judge otherwise, the gateway sends itself: the answer is the same.
  test.each<[string, Record<string, string>, number]>([
    ["several ranges beyond the end", { range: "bytes=400000-500000,600000-" }, 416],
    ["a range beyond the end", { range: "bytes=400000-" }, 416],
    ["a range with numbers beyond counting", { range: "bytes=0-99999999999999999999999" }, 206],
    ["a malformed range", { range: "bytes=9-1" }, 200],
    ["a range of nothing", { range: "bytes=-0" }, 416],
    ["another unit", { range: "items=0-1" }, 200],
    ["ranges that are one when joined", { range: "bytes=0-9,10-19" }, 206],
    ["an If-Range that is another's", { range: "bytes=0-9", "if-range": '"x"' }, 200],
    ["an If-Range that is weak", { range: "bytes=0-9", "if-range": 'W/"x"' }, 200],
    ["an If-Range of another day", { range: "bytes=0-9", "if-range": new Date(0).toUTCString() }, 200],
    ["an If-Match that fails", { "if-match": '"other"' }, 412],
    ["an If-Match for anything", { "if-match": "*" }, 200],
    ["an If-Unmodified-Since that fails", { "if-unmodified-since": new Date(0).toUTCString() }, 412],
    ["an If-Unmodified-Since that holds", { "if-unmodified-since": new Date(4e12).toUTCString() }, 200],
    ["an If-None-Match for anything", { "if-none-match": "*" }, 304],
    ["an If-Modified-Since of later", { "if-modified-since": new Date(Date.now() + day).toUTCString() }, 304],
  ])("the gateway answers %s", async (_, headers, status) => {
    expect(await redirected(file.id, headers)).toBeNull();
    expect((await expectSame(file.id, headers)).status).toBe(status);
  });

  test("the gateway answers an If-None-Match that holds, and HEAD", async () => {
    expect((await expectSame(file.id, { "if-none-match": etag() })).status).toBe(304);
    expect(await redirected(file.id, {}, "HEAD")).toBeNull();
    const head = await expectSame(file.id, {}, "HEAD");
    expect([head.status, head.headers["content-length"]]).toEqual([200, String(size)]);
    expect((await expectSame(file.id, { range: "bytes=0-9" }, "HEAD")).status).toBe(200);
  });

  test("several ranges come as the gateway sends them", async () => {
    const answer = await ask(front.url, file.id, { range: "bytes=0-9,100-109" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      206,
      expect.stringMatching(/^multipart\/byteranges; boundary=/),
    ]);
    expect(answer.headers.get("etag")).toBe(etag());
    await answer.bytes();
  });

  test("names of every script, and of none, arrive as the gateway says them", async () => {
    const names = [
      "报告 2024.txt",
      "данные.html",
      "نص.json",
      "a\"b;c'd%41.svg",
      "😀".repeat(200),
      "x",
      "ÆØÅ.css",
      "$request_id ${x}.js",
    ];
    for (const [i, name] of names.entries()) {
      const { id, sha1 } = await uploaded(name, bytesOf(2000, `${state} ${i}`));
      const { headers, sha1: received } = await expectSame(id);
      expect([received, headers["content-encoding"], headers["content-length"]]).toEqual([sha1, undefined, "2000"]);
    }
  });

  test("a file without a byte is whole", async () => {
    const { id } = await uploaded("empty.txt", new Uint8Array());
    const { status, headers } = await expectSame(id);
    expect([status, headers["content-length"]]).toEqual([200, "0"]);
  });

  test("a signed URL works through nginx, and is not in its log", async () => {
    const { url } = await client.json<{ url: string }>(200, `/file/downloadurl?id=${file.id}`);
    expect(new URL(url).host).toBe(new URL(front.url).host);
    expect(hashOf("sha1", await (await fetch(url)).bytes())).toBe(file.sha1);
    const bad = await fetch(url.replace(/signature=.{3}/, "signature=AAA"));
    expect([bad.status, bad.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    const log = await front.accessLog();
    expect(log.length).toBeGreaterThan(10);
    expect(JSON.stringify(log)).not.toContain("signature");
  });

  test("bytes that nginx sends are counted as sent", async () => {
    const sent = async () => {
      const text = await (await fetch(`${drive.url}/metrics`)).text();
      return Number(/^sluice_bytes_out_total (\d+)/m.exec(text)?.[1] ?? 0);
    };
    const before = await sent();
    await client.download(file.id);
    await client.download(file.id, { range: "bytes=0-99" });
    expect((await sent()) - before).toBe(size + 100);
  });

  test("what nginx may not read the gateway sends, and says once", async () => {
    const data = await readDataDir(drive.dataDir);
    const blob = data.blobs.find(({ sha1 }) => sha1 === file.sha1);
    const path =
      state === "stored" ? join(drive.dataDir, "store", blob?.key ?? "") : spoolPath(drive.dataDir, blob?.spool_id ?? "");
    const blind = [
      { nodes: { n1: "/nonexistent" } },
      // The folder above is its owner's alone.
      { nodes: { n1: drive.dataDir }, user: "www-data" },
    ];
    for (const values of blind) {
      await using other = await startFront({ gateways: [addressOf(drive.url)], ...values });
      for (const headers of [{}, { range: "bytes=7-99" }] as Record<string, string>[]) {
        expect(await told(await ask(other.url, file.id, headers))).toEqual(await told(await ask(drive.url, file.id, headers)));
      }
    }
    // Gone altogether: the gateway's own words, and nothing left of its first answer.
    await rename(path, `${path}.away`);
    const gone = await ask(front.url, file.id);
    await rename(`${path}.away`, path);
    expect([gone.status, gone.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
    expect(await gone.json()).toMatchObject({ code: "content-lost", instance: gone.headers.get("x-request-id") });
    for (const name of ["content-disposition", "etag", "last-modified", "repr-digest"])
      expect([name, gone.headers.get(name)]).toEqual([name, null]);
    expect(gone.headers.get("cache-control")).toBe("no-store");
  });
});
