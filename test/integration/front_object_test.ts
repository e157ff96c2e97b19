import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { holdFields } from "../../gateway/file/accel.ts";
import { bytesOf } from "../support/client.ts";
import { type Front, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

const object = bytesOf(500_000);
/** As a store signs it: what is escaped must arrive escaped, in the same order. */
const query = "?X-Amz-Credential=K%2F20240101%2Fr%2Fs3&X-Amz-SignedHeaders=host&b=2&a=%20%22&X-Amz-Signature=0f";
const path = "/bucket/da/39/da39a3ee-01J";
const said = { etag: '"da39"', "last-modified": new Date(1.7e12).toUTCString(), "repr-digest": "sha-256=:x=:" };

/** A store that says too much, and may fail; every test tells it what to do. */
let serve: (request: Request) => Response | Promise<Response>;
let asked: { path: string; headers: Record<string, string> }[];
/** What the gateway says when nginx comes back to it without the object. */
let again: number;

describe.skipIf(lacksServers("nginx"))("an object of a store, through nginx", () => {
  let store: ReturnType<typeof Bun.serve>;
  let gateway: ReturnType<typeof Bun.serve>;
  let front: Front;

  beforeAll(async () => {
    store = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => (note(request), serve(request)) });
    // A gateway that has signed a URL, where the front can reach the store.
    gateway = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => {
        const headers = new Headers({
          ...said,
          "content-type": "text/plain;charset=utf-8",
          "content-security-policy": "sandbox",
        });
        headers.set("cache-control", "private, no-cache");
        headers.set("content-disposition", "attachment; filename*=UTF-8''%E6%8A%A5.txt");
        if (request.headers.get("x-accel-store") !== origin()) {
          again += 1;
          return Response.json({ code: "unavailable" }, { status: 503, headers: { "content-type": "application/problem+json" } });
        }
        if (request.headers.has("range")) headers.set("accept-ranges", "bytes");
        headers.set("x-accel-redirect", `/_object/0${path}${query}`);
        holdFields(headers);
        return new Response(null, { headers });
      },
    });
    front = await startFront({ gateways: [`127.0.0.1:${gateway.port}`], stores: [{ endpoint: origin() }] });
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await Promise.all([gateway.stop(true), store.stop(true)]);
  });
  beforeEach(() => {
    asked = [];
    again = 0;
    serve = (request) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
      const headers = {
        "content-type": "application/x-store",
        "content-disposition": "inline",
        "cache-control": "public",
        etag: '"md5-2"',
        "last-modified": new Date(0).toUTCString(),
        "accept-ranges": "bytes",
        "x-amz-request-id": "tx-1",
        "x-amz-version-id": "v1",
        "x-amz-storage-class": "STANDARD",
        "x-rgw-object-type": "Normal",
        "x-oss-request-id": "1",
        "set-cookie": "a=b",
        "x-accel-limit-rate": "1",
      };
      if (first === undefined) return new Response(object, { headers });
      const body = object.slice(Number(first), Number(last) + 1);
      return new Response(body, {
        status: 206,
        headers: { ...headers, "content-range": `bytes ${first}-${last}/${object.length}` },
      });
    };
  });

  const origin = () => `http://localhost:${store.port}`;
  const note = (request: Request) => {
    const { pathname, search } = new URL(request.url);
    asked.push({ path: `${pathname}${search}`, headers: Object.fromEntries(request.headers) });
  };
  const download = (headers: Record<string, string> = {}) =>
    fetch(`${front.url}/file/download?id=1`, { headers: { authorization: "Bearer secret", cookie: "c=1", ...headers } });

  test("is asked for by the signed URL, and the store sees nothing of the client", async () => {
    const answer = await download({ "if-none-match": '"x"', "user-agent": "curious", "x-amz-meta-x": "1" });
    expect(Buffer.compare(await answer.bytes(), object)).toBe(0);
    expect(asked).toEqual([{ path: `${path}${query}`, headers: { host: `localhost:${store.port}` } }]);
  });

  test("is called what the gateway calls it, and nothing that the store says of it gets out", async () => {
    const answer = await download({ "x-request-id": "of-this-test" });
    await answer.bytes();
    const { date, server, connection, ...headers } = Object.fromEntries(answer.headers);
    expect([date, server, connection]).toEqual([expect.stringMatching(/GMT$/), "nginx", "keep-alive"]);
    expect(headers).toEqual({
      ...said,
      "content-length": String(object.length),
      "content-type": "text/plain;charset=utf-8",
      "content-disposition": "attachment; filename*=UTF-8''%E6%8A%A5.txt",
      "content-security-policy": "sandbox",
      "cache-control": "private, no-cache",
      "x-request-id": "of-this-test",
    });
  });

  test("has ranges, which the store cuts out", async () => {
    const answer = await download({ range: "bytes=100-199" });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([206, `bytes 100-199/${object.length}`]);
    expect([answer.headers.get("accept-ranges"), answer.headers.get("etag")]).toEqual(["bytes", said.etag]);
    expect(await answer.bytes()).toEqual(object.slice(100, 200));
    expect(asked[0]?.headers).toEqual({ host: `localhost:${store.port}`, range: "bytes=100-199" });
  });

  test.each([301, 307, 400, 403, 404, 416, 500, 503])(
    "that the store answers with %i is the gateway's to answer for",
    async (status) => {
      serve = () =>
        new Response("<Error><BucketName>secret</BucketName></Error>", {
          status,
          headers: { location: "http://x/", "x-amz-id-2": "1" },
        });
      const answer = await download();
      expect([answer.status, answer.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
      expect(await answer.json()).toEqual({ code: "unavailable" });
      for (const name of ["etag", "content-disposition", "repr-digest", "location", "x-amz-id-2"])
        expect([name, answer.headers.get(name)]).toEqual([name, null]);
      expect([asked.length, again]).toEqual([1, 1]);
    },
  );

  test("of a store that cannot be reached is the gateway's to answer for", async () => {
    const { port } = store;
    await store.stop(true);
    const answer = await download();
    expect([answer.status, again]).toEqual([503, 1]);
    await answer.bytes();
    store = Bun.serve({ hostname: "127.0.0.1", port: port ?? 0, fetch: (request) => (note(request), serve(request)) });
    // A moment later it is asked again.
    const isBack = async () => Buffer.compare(await (await download()).bytes(), object) === 0;
    for (const until = Date.now() + 30_000; !(await isBack()); await Bun.sleep(200)) expect(Date.now()).toBeLessThan(until);
  });
});
