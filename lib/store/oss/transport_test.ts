import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { transportOf } from "./transport.ts";

const never = new AbortController().signal;
let server: ReturnType<typeof Bun.serve>;
let answer: (request: Request) => Response | Promise<Response>;
let url: string;

beforeEach(() => {
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => answer(request) });
  url = server.url.href;
});
afterEach(async () => server.stop(true));

test("asks for bytes as they are: compressed ones have other lengths and ranges", async () => {
  answer = (request) => new Response(request.headers.get("accept-encoding"));
  const { data } = await transportOf({ signal: never, idleMs: 5000 }).request(url, { method: "GET", headers: {} });
  expect(String(data)).toBe("identity");
});

test("sends a file with its length, also one of no bytes, and the headers as they are", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-transport-"));
  answer = async (request) =>
    Response.json([request.headers.get("content-length"), request.headers.get("content-type"), await request.text()]);
  for (const text of ["", "hello"]) {
    const path = join(folder, `${text}.html`);
    await Bun.write(path, text);
    const transport = transportOf({ signal: never, idleMs: 5000, body: Bun.file(path) });
    const headers = { "Content-Type": "application/octet-stream", "Content-Length": text.length };
    const { data } = await transport.request(url, { method: "PUT", headers, content: Buffer.alloc(0) });
    expect(JSON.parse(String(data))).toEqual([String(text.length), "application/octet-stream", text]);
  }
  await rm(folder, { recursive: true });
});

test("reads the reason of a refused HEAD, which has no body, from its header", async () => {
  const xml = "<Error><Code>NoSuchBucket</Code></Error>";
  answer = () => new Response(null, { status: 404, headers: { "x-oss-err": Buffer.from(xml).toString("base64") } });
  const got = await transportOf({ signal: never, idleMs: 5000 }).request(url, { method: "HEAD", headers: {} });
  expect([got.status, String(got.data)]).toEqual([404, xml]);
});

test("gives a body on unread where it is wanted so, but not a refusal's", async () => {
  answer = (request) => new Response("text", { status: request.url.endsWith("?no") ? 403 : 206 });
  const ask = async (query: string) =>
    transportOf({ signal: never, idleMs: 5000 }).request(url + query, { method: "GET", headers: {}, customResponse: true });
  const good = await ask("");
  expect(good.res instanceof Response && (await good.res.text())).toBe("text");
  expect(String((await ask("?no")).data)).toBe("text");
});

test("follows no redirect: what it signed is for one host", async () => {
  answer = () => Response.redirect("http://localhost:1/", 307);
  expect((await transportOf({ signal: never, idleMs: 5000 }).request(url, { method: "GET", headers: {} })).status).toBe(307);
});

test("remembers what a request failed with: ali-oss would not", async () => {
  const reason = new Error("aborted by the test");
  const aborter = new AbortController();
  answer = async () => await Promise.withResolvers<never>().promise;
  const transport = transportOf({ signal: aborter.signal, idleMs: 60_000 });
  const asking = transport.request(url, { method: "GET", headers: {} }).catch((error: unknown) => error);
  aborter.abort(reason);
  expect([await asking, transport.failure()]).toEqual([reason, reason]);
});
