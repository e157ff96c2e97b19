import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, type ProblemJson } from "../support/client.ts";
import { sendRaw, statusOf } from "./raw.ts";
import { openTarget, problem, type Target } from "./target.ts";

setDefaultTimeout(300_000);

let target: Target;
let alice: Client;
beforeAll(async () => {
  target = await openTarget();
  alice = await target.signUp();
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

/** Every route that takes a JSON body. */
const jsonRoutes = [
  "/user",
  "/user/somebody",
  "/token/refresh",
  "/file/update",
  "/file/delete",
  "/file/fastupload",
  "/file/mpupload/init",
  "/file/mpupload/complete",
  "/file/mpupload/cancel",
];

test("a problem is one of the closed list of codes, and says what RFC 9457 wants", async () => {
  const document: ProblemJson = await problem(alice.fetch("/file/query?id=nothing"), 404, "not-found");
  expect(Object.keys(document).toSorted()).toEqual(["code", "detail", "instance", "status", "title", "type"]);
  expect(document.detail).toContain("nothing");
});

test("every answer has a request id of its own", async () => {
  const ids = await Promise.all(
    ["/healthz", "/readyz", "/nothing", "/file/query", "/docs", "/file/upload"].map(async (path) => {
      const answer = await target.fetch(path);
      await answer.bytes();
      return answer.headers.get("x-request-id");
    }),
  );
  expect(ids).not.toContain(null);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a client's own request id is kept where it is a sane one", async () => {
  const ask = async (id: string) =>
    (await target.fetch("/healthz", { headers: { "x-request-id": id } })).headers.get("x-request-id");
  expect(await ask("my-request-0001")).toBe("my-request-0001");
  for (const bad of ["x", "a b c d e f g h", "<script>alert(1)</script>", "x".repeat(1000), "'; DROP TABLE users"]) {
    expect(await ask(bad)).not.toBe(bad);
  }
  const own = await target.fetch("/nothing", { headers: { "x-request-id": "my-request-0002" } });
  expect((await problem(own, 404, "not-found")).instance).toBe("my-request-0002");
});

test.each(jsonRoutes)("POST %s refuses what is no JSON", async (path) => {
  const post = (body: string | undefined, type = "application/json") =>
    alice.fetch(path, { method: "POST", headers: { "content-type": type }, ...(body === undefined ? {} : { body }) });
  for (const body of ["", "{", "nonsense", '{"a":', "[]", "null", "1", '"x"', "\0", "{}x", "{'a':1}", undefined]) {
    await problem(post(body), 400, "invalid-request");
  }
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "multipart/form-data; boundary=x",
  ]) {
    await problem(post("{}", type), 400, "invalid-request");
  }
});

test.each(jsonRoutes)("POST %s refuses a field that it does not know", async (path) => {
  const bodies: Record<string, unknown> = {
    "/user": { username: "somebody", password: "long enough" },
    "/user/somebody": { password: "long enough" },
    "/token/refresh": { refreshToken: "x" },
    "/file/update": { id: "x", name: "y" },
    "/file/delete": { id: "x" },
    "/file/fastupload": { sha1: "0".repeat(40), size: 1, name: "x" },
    "/file/mpupload/init": { name: "x", size: 1 },
    "/file/mpupload/complete": { uploadId: "x" },
    "/file/mpupload/cancel": { uploadId: "x" },
  };
  for (const more of [{ unknown: 1 }, { __proto__x: 1 }, { constructor: 1 }, { ID: "x" }]) {
    const json = { ...(bodies[path] as object), ...more };
    await problem(alice.fetch(path, { method: "POST", json }), 400, "invalid-request");
  }
});

test.each(jsonRoutes)("POST %s refuses a body of a megabyte", async (path) => {
  await problem(alice.fetch(path, { method: "POST", json: { name: "x".repeat(1_000_000) } }), 413, "too-large");
  // Also where its length is not told beforehand.
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < 16; i++) controller.enqueue(bytesOf(65_536, i));
      controller.close();
    },
  });
  const answer = await alice.fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect([400, 413]).toContain(answer.status);
  await answer.bytes();
});

test("deep and odd JSON is refused, not choked on", async () => {
  const nested = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  for (const body of [nested, `{"id":${nested}}`, `{"id":"\\ud800"}`, '{"__proto__":{"id":"x"}}', '{"id":1e999}']) {
    const answer = await alice.fetch("/file/delete", { method: "POST", headers: { "content-type": "application/json" }, body });
    expect([400, 404]).toContain(answer.status);
    await answer.bytes();
  }
});

test("says that there is nothing at a path", async () => {
  for (const path of [
    "/nothing",
    "/file",
    "/file/",
    "/file/nothing",
    "/user/a/b",
    "/file/upload/",
    "/FILE/QUERY",
    "/%2e%2e/etc/passwd",
  ]) {
    const answer = await alice.fetch(path);
    expect([404, 405]).toContain(answer.status);
    await problem(answer, answer.status, answer.status === 404 ? "not-found" : "method-not-allowed");
  }
});

test.each([
  ["GET", "/user", "POST"],
  ["PUT", "/user", "POST"],
  ["PATCH", "/user/somebody", "GET, HEAD, POST, DELETE"],
  ["GET", "/token", "DELETE"],
  ["POST", "/file/query", "GET, HEAD"],
  ["DELETE", "/file/download", "GET, HEAD"],
  ["DELETE", "/file/upload", "GET, HEAD, POST"],
  ["GET", "/file/update", "POST"],
  ["GET", "/file/delete", "POST"],
  ["GET", "/file/fastupload", "POST"],
  ["GET", "/file/mpupload/init", "POST"],
  ["GET", "/file/mpupload/uppart", "POST, PUT"],
  ["POST", "/file/mpupload/status", "GET, HEAD"],
  ["POST", "/healthz", "GET, HEAD"],
  ["DELETE", "/metrics", "GET, HEAD"],
  ["OPTIONS", "/file/query", "GET, HEAD"],
] as const)("%s %s is not taken; Allow says %s", async (method, path, allowed) => {
  const answer = await target.fetch(path, { method });
  const allow = (answer.headers.get("allow") ?? "").split(",").map((name) => name.trim());
  expect(allow.toSorted()).toEqual(allowed.split(", ").toSorted());
  await problem(answer, 405, "method-not-allowed");
});

test("security headers are on every answer, whatever it is", async () => {
  const { id } = await alice.upload("a.html", new TextEncoder().encode("<script>alert(1)</script>"));
  const answers = await Promise.all([
    target.fetch("/healthz"),
    target.fetch("/nothing"),
    target.fetch("/file/query"),
    target.fetch("/file/upload"),
    target.fetch("/docs"),
    target.fetch("/openapi.json"),
    target.fetch("/user", { method: "PATCH" }),
    alice.fetch("/file/query"),
    alice.fetch(`/file/download?id=${id}`),
    alice.fetch(`/file/download?id=${id}`, { headers: { range: "bytes=0-1" } }),
    alice.fetch(`/file/download?id=${id}`, { headers: { range: "bytes=99-" } }),
    alice.fetch("/file/delete", { method: "POST", json: { id: "x".repeat(1_000_000) } }),
  ]);
  for (const answer of answers) {
    const { headers, url, status } = answer;
    expect({ url, status, nosniff: headers.get("x-content-type-options") }).toEqual({ url, status, nosniff: "nosniff" });
    expect(headers.get("x-frame-options") ?? headers.get("content-security-policy")).toMatch(/SAMEORIGIN|DENY|frame-ancestors/);
    expect(headers.get("referrer-policy")).toMatch(/no-referrer|same-origin/);
    // The front's name is no secret, its version is.
    expect(headers.get("server") ?? "nginx").toBe("nginx");
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("access-control-allow-origin")).toBeNull();
    await answer.bytes();
  }
});

test("a name can put no header into an answer", async () => {
  const names = ['x"; filename="evil.exe', "x%0d%0aSet-Cookie: a=1", "x; attachment", "x\u00A0y", "x\u0100\u0D0Ay"];
  for (const name of names) {
    const { id } = await alice.upload("x", bytesOf(3));
    await alice.json(200, "/file/update", { method: "POST", json: { id, name } });
    const { headers } = await alice.fetch(`/file/download?id=${id}`);
    expect(headers.get("set-cookie")).toBeNull();
    expect((headers.get("content-disposition") ?? "").match(/filename=/g) ?? []).toHaveLength(name.includes('"') ? 2 : 1);
    expect(headers.get("content-disposition")).toMatch(/^attachment; filename="/);
    await alice.fetch("/file/delete", { method: "POST", json: { id } });
  }
});

test("what is not HTTP is refused, and the drive lives on", async () => {
  const host = new URL(target.url).host;
  for (const bytes of [
    "nonsense\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nBad Header\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nContent-Length: x\r\n\r\n`,
    `POST /user HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX-Large: ${"x".repeat(100_000)}\r\n\r\n`,
    `FOO /user HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    new Uint8Array([0x16, 0x03, 0x01, 0, 0]),
  ]) {
    const status = statusOf(await sendRaw(target.url, bytes, { end: true }));
    expect(status === 0 || status === 505 || (status >= 400 && status < 500)).toBe(true);
  }
  expect((await target.fetch("/healthz")).status).toBe(200);
});

test("bodies that are cut short are refused, and the drive lives on", async () => {
  const head = (path: string, type: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${alice.token}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="cut.bin"\r\n\r\n';
  const { uploadId } = await alice.init({ name: "cut.bin", size: 1000 });
  const requests = [
    `${head("/file/delete", "application/json", 100)}{"id":`,
    `${head("/file/upload", "multipart/form-data; boundary=b", 1000)}--b`,
    `${head("/file/upload", "multipart/form-data; boundary=b", 1000)}${part}`,
    `${head("/file/upload", "multipart/form-data; boundary=b", 1000)}${part}abc`,
    `${head("/file/upload", "multipart/form-data; boundary=b", 1000)}${part}abc\r\n--b\r\n`,
    `${head(`/file/mpupload/uppart?uploadid=${uploadId}&index=1`, "application/octet-stream", 1000)}abc`,
  ];
  for (const request of requests) {
    const status = statusOf(await sendRaw(target.url, request, { end: true }));
    expect(status === 0 || (status >= 400 && status < 500)).toBe(true);
  }
  expect(await alice.json(200, "/file/query?q=cut.bin")).toEqual({ files: [], next: null });
  expect(await alice.status(uploadId)).toMatchObject({ received: 0 });
  expect((await target.fetch("/healthz")).status).toBe(200);
});

test("ids are opaque: what is none is not there", async () => {
  for (const id of [
    "'",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%",
    "\0",
    "\u202E",
    "x".repeat(5000),
    "null",
    "0",
    "[object Object]",
  ]) {
    const quoted = encodeURIComponent(id);
    await problem(alice.fetch(`/file/query?id=${quoted}`), 404, "not-found");
    await problem(alice.fetch(`/file/download?id=${quoted}`), 404, "not-found");
    await problem(alice.fetch("/file/delete", { method: "POST", json: { id } }), 404, "not-found");
    await problem(alice.fetch(`/file/mpupload/status?uploadid=${quoted}`), 404, "no-such-upload");
  }
});
