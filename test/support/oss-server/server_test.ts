import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { addressOf } from "./address.ts";
import { type OssServer, startOssServer } from "./server.ts";
import { signV1, stringToSignV1 } from "./sign_v1.ts";

const account = { accessKeyId: "LTAIexample", accessKeySecret: "secret" };
const temporary = { accessKeyId: "STS.example", accessKeySecret: "brief", securityToken: "token" };
let dir: string;
let server: OssServer;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-oss-server-"));
  server = await startOssServer({ dir, accounts: [account, temporary], region: "cn-test" });
  await server.makeBucket("bucket");
});
afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | string;
  secret?: string;
  id?: string;
  /** Of the request's Date, from now. */
  skewMs?: number;
}

/** Asks with a V1 signature in the header, by the plain rules and no SDK. */
async function ask(path: string, { method = "GET", headers = {}, body, skewMs = 0, ...who }: Ask = {}): Promise<Response> {
  const url = `http://127.0.0.1:${server.port}${path}`;
  const date = new Date(Date.now() + skewMs).toUTCString();
  const all = { "content-type": "application/octet-stream", ...headers, "x-oss-date": date };
  const text = stringToSignV1(addressOf(new Request(url, { method, headers: all })), date);
  const authorization = `OSS ${who.id ?? account.accessKeyId}:${signV1(who.secret ?? account.accessKeySecret, text)}`;
  return await fetch(url, { method, headers: { ...all, authorization }, ...(body !== undefined && { body }) });
}

/** Status and code of a refusal. */
async function refusal(answer: Response | Promise<Response>): Promise<string> {
  const { status, headers } = await answer;
  const text = await (await answer).text();
  const xml = text === "" ? Buffer.from(headers.get("x-oss-err") ?? "", "base64").toString() : text;
  return `${status} ${/<Code>(\w+)<\/Code>/.exec(xml)?.[1] ?? ""}`;
}

function signedUrl(
  path: string,
  { expires = Math.ceil(Date.now() / 1000) + 60, query = "", secret = account.accessKeySecret } = {},
) {
  const url = `http://127.0.0.1:${server.port}${path}${query === "" ? "" : `?${query}`}`;
  const signature = signV1(secret, stringToSignV1(addressOf(new Request(url)), String(expires)));
  const joint = query === "" ? "?" : "&";
  return `${url}${joint}OSSAccessKeyId=${account.accessKeyId}&Expires=${expires}&Signature=${encodeURIComponent(signature)}`;
}

const xmlOf = (parts: [number, string | null][]) =>
  `<CompleteMultipartUpload>${parts.map(([n, etag]) => `<Part><PartNumber>${n}</PartNumber><ETag>${etag}</ETag></Part>`).join("")}</CompleteMultipartUpload>`;

describe("who asks", () => {
  test("is known by the signature", async () => {
    expect((await ask("/bucket/a/b.txt", { method: "PUT", body: "hello" })).status).toBe(200);
    expect(await (await ask("/bucket/a/b.txt")).text()).toBe("hello");
  });

  test.each([
    ["a wrong secret", { secret: "other" }, "403 SignatureDoesNotMatch"],
    ["an unknown key", { id: "LTAInobody" }, "403 InvalidAccessKeyId"],
    ["a date 16 minutes behind", { skewMs: -16 * 60_000 }, "403 RequestTimeTooSkewed"],
    ["a date 16 minutes ahead", { skewMs: 16 * 60_000 }, "403 RequestTimeTooSkewed"],
    [
      "a temporary key without its token",
      { id: temporary.accessKeyId, secret: temporary.accessKeySecret },
      "403 InvalidSecurityToken",
    ],
    ["a token that is not the key's", { headers: { "x-oss-security-token": "token" } }, "403 InvalidSecurityToken"],
  ])("refuses %s", async (_, who, expected) => {
    expect(await refusal(ask("/bucket/a", { ...who, method: "PUT", body: "x" }))).toBe(expected);
    expect(await refusal(ask("/bucket/a", { ...who, method: "HEAD" }))).toBe(expected);
  });

  test("takes a clock that is 14 minutes off, and a temporary key with its token", async () => {
    expect(await refusal(ask("/bucket/a", { skewMs: 14 * 60_000 }))).toBe("404 NoSuchKey");
    const { accessKeyId: id, accessKeySecret: secret } = temporary;
    expect(await refusal(ask("/bucket/a", { id, secret, headers: { "x-oss-security-token": "token" } }))).toBe("404 NoSuchKey");
  });

  test("refuses who is not signed, or signed in an unknown way", async () => {
    const url = `http://127.0.0.1:${server.port}/bucket/a`;
    expect(await refusal(fetch(url))).toBe("403 AccessDenied");
    expect(await refusal(fetch(url, { headers: { authorization: "Bearer x" } }))).toBe("400 InvalidArgument");
    expect(await refusal(fetch(url, { headers: { authorization: "OSS key" } }))).toBe("400 InvalidArgument");
    expect(await refusal(fetch(url, { headers: { authorization: "OSS key:signature" } }))).toBe("403 AccessDenied");
    expect(await refusal(fetch(signedUrl("/bucket/a"), { headers: { authorization: "OSS a:b" } }))).toBe("400 InvalidArgument");
  });

  test("refuses headers that were changed or added after signing", async () => {
    const url = `http://127.0.0.1:${server.port}/bucket/a`;
    const date = new Date().toUTCString();
    const headers = { "x-oss-date": date, "x-oss-meta-a": "1" };
    const authorization = `OSS ${account.accessKeyId}:${signV1("secret", stringToSignV1(addressOf(new Request(url, { headers })), date))}`;
    expect((await fetch(url, { headers: { ...headers, authorization } })).status).toBe(404);
    for (const changed of [{ "x-oss-meta-a": "2" }, { "x-oss-meta-b": "1" }, { "content-md5": "x" }, { "content-type": "a/b" }]) {
      expect(await refusal(fetch(url, { headers: { ...headers, ...changed, authorization } }))).toBe("403 SignatureDoesNotMatch");
    }
  });
});

describe("a signed URL", () => {
  beforeEach(async () => {
    await ask("/bucket/file", { method: "PUT", body: "0123456789" });
  });

  test("gives the object with the headers that it says, and ranges of it", async () => {
    const query = "response-content-type=text%2Fx&response-content-disposition=attachment%3B%20filename%3D%22a%20b%22";
    const answer = await fetch(signedUrl("/bucket/file", { query }), { headers: { range: "bytes=2-4" } });
    expect([answer.status, await answer.text()]).toEqual([206, "234"]);
    expect(answer.headers.get("content-type")).toBe("text/x");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="a b"');
  });

  test("is refused once it has expired", async () => {
    expect(await refusal(fetch(signedUrl("/bucket/file", { expires: Math.floor(Date.now() / 1000) - 1 })))).toBe(
      "403 AccessDenied",
    );
  });

  test("is refused when anything of it was changed, and for another method", async () => {
    const url = signedUrl("/bucket/file", { query: "response-content-type=text%2Fx" });
    const later = url.replace(/Expires=(\d+)/, (_, at: string) => `Expires=${Number(at) + 1}`);
    const others = [
      url.replace("/file", "/other"),
      url.replace("text%2Fx", "text%2Fhtml"),
      later,
      signedUrl("/bucket/file", { secret: "no" }),
    ];
    for (const other of others) expect(await refusal(fetch(other))).toBe("403 SignatureDoesNotMatch");
    for (const method of ["PUT", "DELETE"]) expect(await refusal(fetch(url, { method }))).toBe("403 SignatureDoesNotMatch");
    expect((await fetch(url)).status).toBe(200);
  });
});

describe("objects", () => {
  test("are told with size, MD5, CRC-64, type and what the client said of them", async () => {
    const headers = { "content-type": "text/plain", "x-oss-meta-sha256": "abc" };
    const put = await ask("/bucket/a", { method: "PUT", body: "123456789", headers });
    const head = await ask("/bucket/a", { method: "HEAD", headers: { "content-type": "text/plain" } });
    const expected = {
      etag: '"25F9E794323B453885F5181F1B624D0B"',
      "x-oss-hash-crc64ecma": "11051210869376104954",
    };
    expect(Object.fromEntries(put.headers)).toMatchObject({ ...expected });
    expect(Object.fromEntries(head.headers)).toMatchObject({
      ...expected,
      "content-length": "9",
      "content-type": "text/plain",
      "x-oss-meta-sha256": "abc",
    });
  });

  test("are refused where the body has not the MD5 that was said, and nothing is kept", async () => {
    const md5 = (text: string) => createHash("md5").update(text).digest("base64");
    const put = async (said: string) => ask("/bucket/a", { method: "PUT", body: "body", headers: { "content-md5": md5(said) } });
    expect(await refusal(put("other"))).toBe("400 InvalidDigest");
    expect(await refusal(ask("/bucket/a"))).toBe("404 NoSuchKey");
    expect((await put("body")).status).toBe(200);
  });

  test("can be deleted twice", async () => {
    await ask("/bucket/a", { method: "PUT", body: "x" });
    expect((await ask("/bucket/a", { method: "DELETE" })).status).toBe(204);
    expect((await ask("/bucket/a", { method: "DELETE" })).status).toBe(204);
    expect(await refusal(ask("/bucket/a", { method: "HEAD" }))).toBe("404 NoSuchKey");
  });

  test("outlive the server", async () => {
    await ask("/bucket/a", { method: "PUT", body: "kept" });
    await server.stop();
    server = await startOssServer({ dir, accounts: [account], region: "cn-test" });
    expect(await (await ask("/bucket/a")).text()).toBe("kept");
  });

  test("lie in buckets that are there", async () => {
    expect(await refusal(ask("/nobody/a"))).toBe("404 NoSuchBucket");
    expect(await refusal(ask("/nobody/a", { method: "HEAD" }))).toBe("404 NoSuchBucket");
  });

  test.each([
    ["bytes=0-0", "standard", "206 0"],
    ["bytes=8-20", "standard", "206 89"],
    ["bytes=7-", "standard", "206 789"],
    ["bytes=-3", "standard", "206 789"],
    ["bytes=10-", "standard", "416 "],
    ["lines=1-2", "standard", "200 0123456789"],
  ])("give the range %s (%s)", async (range, behaviour, expected) => {
    await ask("/bucket/a", { method: "PUT", body: "0123456789" });
    const answer = await ask("/bucket/a", { headers: { range, "x-oss-range-behavior": behaviour } });
    expect(`${answer.status} ${answer.ok ? await answer.text() : ""}`).toBe(expected);
  });
});

describe("a multipart upload", () => {
  const large = new Uint8Array(randomBytes(102_400));
  const begin = async (key = "key") =>
    /<UploadId>(\w+)</.exec(await (await ask(`/bucket/${key}?uploads`, { method: "POST" })).text())?.[1] ?? "";
  const part = async (id: string, number: number, body: Uint8Array<ArrayBuffer>) =>
    (await ask(`/bucket/key?partNumber=${number}&uploadId=${id}`, { method: "PUT", body })).headers.get("etag");
  const complete = async (id: string, parts: [number, string | null][]) =>
    ask(`/bucket/key?uploadId=${id}`, { method: "POST", body: xmlOf(parts) });

  test("becomes an object of its parts in the order of their numbers, of which the last put counts", async () => {
    const id = await begin();
    const last = await part(id, 7, large.slice(0, 5));
    await part(id, 1, large.slice(0, 100));
    const first = await part(id, 1, large);
    expect(await refusal(ask("/bucket/key"))).toBe("404 NoSuchKey");
    const answer = await complete(id, [
      [1, first],
      [7, last],
    ]);
    expect([answer.status, answer.headers.get("etag")]).toEqual([200, expect.stringMatching(/^"[0-9A-F]{32}-2"$/)]);
    expect(await (await ask("/bucket/key")).bytes()).toEqual(new Uint8Array(Buffer.concat([large, large.slice(0, 5)])));
    expect(await refusal(complete(id, [[1, first]]))).toBe("404 NoSuchUpload");
  });

  test("is refused with parts out of order, of other ETags, missing, or too small, and can be completed after all", async () => {
    const id = await begin();
    const [a, b, c] = [await part(id, 1, large), await part(id, 2, large.slice(0, 102_399)), await part(id, 3, large)];
    expect(
      await refusal(
        complete(id, [
          [3, c],
          [1, a],
        ]),
      ),
    ).toBe("400 InvalidPartOrder");
    expect(
      await refusal(
        complete(id, [
          [1, a],
          [1, a],
        ]),
      ),
    ).toBe("400 InvalidPartOrder");
    expect(
      await refusal(
        complete(id, [
          [1, b],
          [3, c],
        ]),
      ),
    ).toBe("400 InvalidPart");
    expect(
      await refusal(
        complete(id, [
          [1, a],
          [4, c],
        ]),
      ),
    ).toBe("400 InvalidPart");
    expect(
      await refusal(
        complete(id, [
          [1, a],
          [2, b],
          [3, c],
        ]),
      ),
    ).toBe("400 EntityTooSmall");
    expect(await refusal(complete(id, []))).toBe("400 MalformedXML");
    expect(
      (
        await complete(id, [
          [1, a],
          [3, c],
        ])
      ).status,
    ).toBe(200);
  });

  test("is gone once it is aborted", async () => {
    const id = await begin();
    const etag = await part(id, 1, large);
    expect(await refusal(ask(`/bucket/other?uploadId=${id}`, { method: "DELETE" }))).toBe("404 NoSuchUpload");
    expect((await ask(`/bucket/key?uploadId=${id}`, { method: "DELETE" })).status).toBe(204);
    expect(await refusal(complete(id, [[1, etag]]))).toBe("404 NoSuchUpload");
    expect(await refusal(ask(`/bucket/key?partNumber=1&uploadId=${id}`, { method: "PUT", body: "x" }))).toBe("404 NoSuchUpload");
    expect(await refusal(ask("/bucket/key?uploadId=../../x", { method: "DELETE" }))).toBe("404 NoSuchUpload");
  });

  test.each([0, 10_001, "x"])("has no part number %p", async (number) => {
    const id = await begin();
    expect(await refusal(ask(`/bucket/key?partNumber=${number}&uploadId=${id}`, { method: "PUT", body: "x" }))).toBe(
      "400 InvalidArgument",
    );
  });

  test("is listed by prefix, and its parts by number, a page after the other", async () => {
    const ids = [await begin("a/1"), await begin("a/1"), await begin("a/2"), await begin("b")];
    const list = async (query: string) => (await ask(`/bucket?uploads&${query}`)).text();
    const listed = (xml: string) => [...xml.matchAll(/<UploadId>(\w+)</g)].map(([, id]) => id);
    expect(listed(await list("prefix=a/"))).toEqual(ids.slice(0, 3));
    const page = await list("prefix=a/&max-uploads=1");
    expect(page).toContain("<IsTruncated>true<");
    expect(listed(await list(`prefix=a/&key-marker=a/1&upload-id-marker=${ids[0]}`))).toEqual(ids.slice(1, 3));
    expect(listed(await list("key-marker=a/1"))).toEqual(ids.slice(2));

    const id = await begin();
    for (const number of [3, 1, 2]) await part(id, number, large.slice(0, number));
    const parts = async (query: string) => (await ask(`/bucket/key?uploadId=${id}${query}`)).text();
    const numbers = (xml: string) => [...xml.matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => number);
    expect(numbers(await parts(""))).toEqual(["1", "2", "3"]);
    const first = await parts("&max-parts=2");
    expect([numbers(first), /<IsTruncated>(\w+)</.exec(first)?.[1]]).toEqual([["1", "2"], "true"]);
    expect(numbers(await parts("&part-number-marker=2"))).toEqual(["3"]);
  });
});

describe("misbehaves on demand", () => {
  test("refuses, a given number of times after a given number, only what matches", async () => {
    server.faults.add({ method: "PUT", url: "/bucket/a", skip: 1, times: 2, status: 503 });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await ask("/bucket/a", { method: "PUT", body: "x" })).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    server.faults.add({ status: 429 });
    expect(await refusal(ask("/bucket/a"))).toBe("429 QpsLimitExceeded");
    server.faults.add({ status: 500 });
    server.faults.clear();
    expect((await ask("/bucket/a")).status).toBe(200);
  });

  test("cuts a body, drops an answer, damages what comes in, is slow", async () => {
    await ask("/bucket/a", { method: "PUT", body: new Uint8Array(500_000) });
    server.faults.add({ cutAfter: 100_000 });
    expect(
      await ask("/bucket/a")
        .then(async (answer) => answer.bytes())
        .catch(() => "cut"),
    ).toBe("cut");
    server.faults.add({ dropAnswer: true, method: "DELETE" });
    expect(
      await ask("/bucket/a", { method: "DELETE" })
        .then(async (answer) => answer.text())
        .catch(() => "dropped"),
    ).toBe("dropped");
    expect((await ask("/bucket/a")).status).toBe(404);
    server.faults.add({ damage: true });
    const put = await ask("/bucket/b", { method: "PUT", body: "123456789" });
    expect(put.headers.get("x-oss-hash-crc64ecma")).not.toBe("11051210869376104954");
    server.faults.add({ delayMs: 50 });
    const before = performance.now();
    await ask("/bucket/b");
    expect(performance.now() - before).toBeGreaterThan(49);
  });

  test("remembers what it was asked", async () => {
    await ask("/bucket/a?acl=", { method: "HEAD" });
    expect(server.seen).toEqual([{ method: "HEAD", url: "/bucket/a?acl=", status: 404 }]);
  });
});
