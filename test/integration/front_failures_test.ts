import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { sendRaw, statusOf } from "../acceptance/raw.ts";
import { problem } from "../acceptance/target.ts";
import { bytesOf, signUp } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { addressOf, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

/** A port on which nobody listens. */
function deadAddress(): string {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const address = `127.0.0.1:${server.port}`;
  void server.stop(true);
  return address;
}

describe.skipIf(lacksServers("nginx"))("where something fails, the front", () => {
  test("goes on with the gateway that is left, for every method, and takes the other back", async () => {
    const servers = ["a", "b"].map((name) => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(name) }));
    const [a, b] = servers;
    const port = b?.port ?? 0;
    await using front = await startFront({ gateways: servers.map(({ port }) => `127.0.0.1:${port}`) });
    const names = async (count: number, init?: RequestInit) => {
      const answers = await Promise.all(Array.from({ length: count }, () => fetch(`${front.url}/file/query`, init)));
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      return new Set(await Promise.all(answers.map((answer) => answer.text())));
    };
    expect(await names(20)).toEqual(new Set(["a", "b"]));
    await b?.stop(true);
    for (const method of ["GET", "POST", "PUT", "DELETE"]) {
      const body = method === "GET" ? {} : { body: "{}" };
      expect(await names(20, { method, ...body })).toEqual(new Set(["a"]));
    }
    const again = Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response("b") });
    for (const until = Date.now() + 30_000; !(await names(20)).has("b"); await Bun.sleep(200))
      expect(Date.now()).toBeLessThan(until);
    await Promise.all([a?.stop(true), again.stop(true)]);
  });

  test("lets nobody notice that one of two drives is killed", async () => {
    const env = { TRUSTED_PROXIES: "127.0.0.1" };
    const [a, b] = await Promise.all([startDrive({ env }), startDrive({ env })]);
    await using front = await startFront({ gateways: [addressOf(a.url), addressOf(b.url)] });
    const statuses: number[] = [];
    const ask = async () => {
      const answer = await fetch(`${front.url}/openapi.json`);
      statuses.push(answer.status);
      await answer.bytes();
    };
    let isKilled = false;
    const askOn = async () => {
      for (let left = 50; left > 0; left -= isKilled ? 1 : 0) await ask();
    };
    const asking = Promise.all(Array.from({ length: 4 }, askOn));
    while (statuses.length < 100) await Bun.sleep(1);
    await b.kill();
    isKilled = true;
    await asking;
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
  });

  test("sends a gateway's own refusals through as they are", async () => {
    const body = '{"code":"no-space","own":true}';
    const statuses = [400, 401, 403, 404, 405, 409, 413, 416, 429, 500, 502, 503, 504, 507];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) =>
        new Response(body, {
          status: Number(new URL(request.url).search.slice(1)),
          headers: { "x-own": "1", "content-type": "application/problem+json" },
        }),
    });
    await using front = await startFront({ gateways: [`127.0.0.1:${server.port}`] });
    for (const status of statuses) {
      const answer = await fetch(`${front.url}/file/query?${status}`);
      expect([answer.status, answer.headers.get("x-own"), await answer.text()]).toEqual([status, "1", body]);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
    }
    await server.stop(true);
  });

  test("says 502 as a problem where no gateway is, and for an answer that is cut off before its head", async () => {
    const cutting = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: (socket) => void socket.end() } });
    await using front = await startFront({ gateways: [deadAddress()] });
    await using other = await startFront({ gateways: [`127.0.0.1:${cutting.port}`] });
    for (const url of [front.url, other.url]) {
      for (const init of [{}, { method: "POST", body: "{}" }]) {
        const answer = await fetch(`${url}/file/query`, { ...init, headers: { "x-request-id": "said-by-a-test" } });
        expect(answer.headers.get("retry-after")).toBe("2");
        expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
        expect((await problem(answer, 502, "unavailable")).instance).toBe("said-by-a-test");
      }
    }
    cutting.stop(true);
  });

  test("never sends again what may have had its effect", async () => {
    let asked = 0;
    const cutting = () =>
      Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: {
          data: (socket) => {
            asked += 1;
            socket.end();
          },
        },
      });
    const gateways = [cutting(), cutting()];
    await using front = await startFront({ gateways: gateways.map(({ port }) => `127.0.0.1:${port}`) });
    await problem(fetch(`${front.url}/file/delete`, { method: "POST", body: "{}" }), 502, "unavailable");
    expect(asked).toBe(1);
    // What is safe to ask twice is.
    await problem(fetch(`${front.url}/file/query`), 502, "unavailable");
    expect(asked).toBe(3);
    for (const gateway of gateways) gateway.stop(true);
  });

  test("says 504 as a problem where a gateway stands still", async () => {
    await using drive = await startDrive({ env: { TRUSTED_PROXIES: "127.0.0.1" } });
    await using front = await startFront({ gateways: [addressOf(drive.url)], gatewayTimeoutSeconds: 1 });
    process.kill(drive.pid, "SIGSTOP");
    const answer = await fetch(`${front.url}/healthz`);
    process.kill(drive.pid, "SIGCONT");
    await problem(answer, 504, "unavailable");
  });

  test("bounds bodies by route, and says 413 as a problem", async () => {
    await using drive = await startDrive({ env: { TRUSTED_PROXIES: "127.0.0.1" } });
    await using front = await startFront({ gateways: [addressOf(drive.url)], maxBodyBytes: 1_000_000 });
    const client = await signUp(front.url);
    const json = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: "x".repeat(70_000) }),
    };
    const refused = await problem(client.fetch("/file/delete", json), 413, "too-large");
    expect(refused.detail).not.toMatch(/65536/);
    // Of a length that is not told beforehand.
    const pieces = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 10; i++) controller.enqueue(new Uint8Array(10_000));
        controller.close();
      },
    });
    await problem(client.fetch("/file/delete", { ...json, body: pieces }), 413, "too-large");
    const form = new FormData();
    form.append("file", new Blob([bytesOf(1_100_000)]), "a.bin");
    await problem(client.fetch("/file/upload", { method: "POST", body: form }), 413, "too-large");
    await client.upload("b.bin", bytesOf(900_000));
    await using unbounded = await startFront({ gateways: [addressOf(drive.url)] });
    client.base = unbounded.url;
    await client.upload("c.bin", bytesOf(3_000_000));
  });

  test("says what is wrong with a request that is none", async () => {
    await using front = await startFront({ gateways: [deadAddress()] });
    const requests: [string, number][] = [
      ["NONSENSE\r\n\r\n", 400],
      ["GET / HTTP/1.1\r\n\r\n", 400],
      [`GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(40_000)}\r\n\r\n`, 431],
      ["GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400],
      ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
    ];
    for (const [request, status] of requests) {
      const answer = await sendRaw(front.url, request);
      expect([request.slice(0, 40), statusOf(answer)]).toEqual([request.slice(0, 40), status]);
      expect(answer).toContain("Content-Type: application/problem+json");
      expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({ status, code: "invalid-request" });
      expect(answer).not.toContain("<html>");
    }
  });
});
