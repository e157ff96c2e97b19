import { expect, test } from "bun:test";

import { announceNode } from "#db/nodes.ts";
import { isAppError } from "#lib/errors/mod.ts";

import { testFolder, testGateway } from "../auth/testing.ts";
import { hopOf } from "./hop.ts";
import { createPeers, type PeerRequest } from "./peers.ts";

/** A gateway that may ask `node-b`, which is a server that answers as a test says. */
async function withPeer(answer: (request: Request) => Promise<Response> | Response) {
  const folder = await testFolder();
  const gateway = { ...(await testGateway(folder)), node: "node-a" };
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: answer });
  folder.atEnd(async () => await server.stop(true));
  const url = server.url.origin;
  await announceNode(gateway.catalog.db, { id: "node-b", url, seenAt: Date.now() });
  const peers = createPeers(gateway);
  const ask = (request: Partial<PeerRequest> = {}) =>
    peers.send("node-b", {
      method: "GET",
      path: "/x?y=%20",
      headers: new Headers(),
      body: null,
      address: "203.0.113.9",
      requestId: "request-1",
      signal: new AbortController().signal,
      ...request,
    });
  return { gateway, peers, ask, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const codeOf = async (answer: Promise<Response>) =>
  await answer.then(
    ({ status }) => String(status),
    (error: unknown) => (isAppError(error) ? `${error.code} ${error.retryAfterSeconds}` : String(error)),
  );

test("a request arrives as it was, and says by whom and for whom", async () => {
  const seen: { request: Request; text: string }[] = [];
  await using peer = await withPeer(async (request) => {
    seen.push({ request, text: await request.text() });
    return new Response("made", { status: 201, headers: { "x-answer": "1" } });
  });
  const headers = new Headers({
    range: "bytes=0-1",
    "x-real-ip": "6.6.6.6",
    expect: "100-continue",
    connection: "close",
    host: "h",
  });
  const answer = await peer.ask({ method: "POST", headers, body: new Blob(["a", "b"]).stream() });
  expect([answer.status, answer.headers.get("x-answer"), await answer.text()]).toEqual([201, "1", "made"]);
  const [{ request, text } = { request: new Request("http://none"), text: "" }] = seen;
  expect([request.method, new URL(request.url).search, text]).toEqual(["POST", "?y=%20", "ab"]);
  const arrived = (name: string) => request.headers.get(name);
  expect(["range", "x-request-id", "x-real-ip", "expect"].map(arrived)).toEqual(["bytes=0-1", "request-1", null, null]);
  const { gateway } = peer;
  const hop = { from: "node-a", address: "203.0.113.9", isSigned: true };
  expect(hopOf({ ...gateway, node: "node-b" }, request)).toEqual(hop);
  expect(hopOf({ ...gateway, node: "node-c" }, request)).toEqual({ from: "unknown", isSigned: false });
});

test("a redirect and an encoded body are the client's to follow and to decode", async () => {
  await using peer = await withPeer(({ url }) =>
    url.includes("gzip")
      ? new Response(Bun.gzipSync("text"), { headers: { "content-encoding": "gzip" } })
      : Response.redirect("http://127.0.0.1:1/", 307),
  );
  expect((await peer.ask()).status).toBe(307);
  const answer = await peer.ask({ path: "/gzip" });
  expect(Buffer.from(Bun.gunzipSync(await answer.arrayBuffer())).toString()).toBe("text");
});

test("a peer that does not answer is given up on", async () => {
  await using peer = await withPeer(() => new Promise(() => {}));
  expect(await codeOf(peer.ask({ patienceMs: 50 }))).toBe("unavailable 5");
  const body = new Blob(["a"]).stream();
  expect(await codeOf(peer.ask({ method: "POST", body, patienceMs: 50 }))).toBe("unavailable 5");
});

test("a peer that reads no further is given up on", async () => {
  await using peer = await withPeer(async ({ body }) => {
    await body?.getReader().read();
    return await new Promise(() => {});
  });
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(2 ** 20)) });
  expect(await codeOf(peer.ask({ method: "POST", body: endless, patienceMs: 200 }))).toBe("unavailable 5");
});

test("a client that is slow is not", async () => {
  await using peer = await withPeer(async (request) => new Response(String((await request.bytes()).byteLength)));
  let sent = 0;
  const slow = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      await Bun.sleep(150);
      if (++sent > 3) controller.close();
      else controller.enqueue(new Uint8Array(10));
    },
  });
  expect(await (await peer.ask({ method: "POST", body: slow, patienceMs: 100 })).text()).toBe("30");
});

test("a client that goes takes its request along", async () => {
  const [arrived, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using peer = await withPeer(({ signal }) => {
    signal.addEventListener("abort", () => gone.resolve());
    arrived.resolve();
    return new Promise(() => {});
  });
  const controller = new AbortController();
  const asking = peer.ask({ signal: controller.signal }).catch((error: unknown) => error);
  await arrived.promise;
  controller.abort(new Error("the client is gone"));
  expect(await asking).toEqual(new Error("the client is gone"));
  await gone.promise;
});

test("a node that nobody knows, that is dead, or that is not there, is away", async () => {
  await using peer = await withPeer(() => new Response());
  const { catalog } = peer.gateway;
  await announceNode(catalog.db, { id: "dead", url: "http://127.0.0.1:1", seenAt: Date.now() - 15_000 });
  await announceNode(catalog.db, { id: "closed", url: "http://127.0.0.1:1", seenAt: Date.now() });
  const rest = { method: "GET", path: "/", headers: new Headers(), body: null, address: "", requestId: "r" };
  const ask = (node: string) => codeOf(peer.peers.send(node, { ...rest, signal: new AbortController().signal }));
  expect([await ask("nobody"), await ask("dead"), await ask("closed")]).toEqual([
    "unavailable 15",
    "unavailable 15",
    "unavailable 5",
  ]);
});
