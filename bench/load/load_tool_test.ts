import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type LoadTool, startTool, toolNames, type Traffic } from "./mod.ts";

/** What a server was asked: method, path, and body. */
let asked: string[] = [];
let folder: string;
let server: Bun.Server<undefined>;

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const body = await request.bytes();
  asked.push(`${request.method} ${pathname} ${Buffer.from(body).toString("latin1")}`);
  if (pathname === "/wrong") return new Response("no", { status: 404 });
  if (pathname === "/next") return Response.json({ turn: JSON.parse(Buffer.from(body).toString()).turn + 1, more: true });
  if (pathname === "/endless") return new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([33])) }));
  return new Response("x".repeat(1000));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-load-"));
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true });
});

const shot = (method: string, path: string, body?: string) => ({
  method,
  path,
  headers: { "x-who": "bench" },
  ...(body === undefined ? {} : { body }),
});

describe.each(toolNames.filter((name) => name !== "wrk" || Bun.which("wrk") !== null))("%s", (name) => {
  let tool: LoadTool;
  beforeAll(() => {
    tool = startTool(name, folder);
  });
  afterAll(async () => {
    await tool[Symbol.asyncDispose]();
  });
  const run = (traffic: Traffic, status = 200, connections = 4) => {
    asked = [];
    return tool.run({ url: server.url.origin, connections, status, traffic });
  };

  test("repeats a request with its body, and tells how many were answered and how fast", async () => {
    const result = await run({ kind: "repeat", shot: shot("POST", "/a", "é\0"), seconds: 0.3 });
    expect(result).toMatchObject({ wrong: 0, reason: "" });
    expect(new Set(asked)).toEqual(new Set(["POST /a é\0"]));
    // What is under way when the time is up was asked and not counted.
    expect(asked.length - result.answers).toBeWithin(0, 5);
    expect(result.seconds).toBeGreaterThanOrEqual(0.25);
    const { p50, p975, p99 } = result.latency;
    expect(p50).toBeGreaterThan(0);
    expect([p50, p975, p99].toSorted((a, b) => a - b)).toEqual([p50, p975, p99]);
  });

  test("sends each of many requests once, whatever their number", async () => {
    const shots = Array.from({ length: 101 }, (_, i) => shot("PUT", `/${i}`, "b".repeat(i)));
    const { answers, wrong } = await run({ kind: "each", shots }, 200, 8);
    expect({ answers, wrong }).toEqual({ answers: 101, wrong: 0 });
    expect(asked.toSorted()).toEqual(shots.map(({ path, body }) => `PUT ${path} ${body}`).toSorted());
  });

  test("sends what the answer before leads on to", async () => {
    const shots = [10_000, 20_000].map((turn) => shot("POST", "/next", JSON.stringify({ turn })));
    const { wrong } = await run({ kind: "chain", field: "turn", shots, seconds: 0.3 }, 200, 2);
    expect(wrong).toBe(0);
    expect(asked.length).toBeGreaterThan(4);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toContain('POST /next {"turn":10001}');
  });

  test("waits for no body of an answer to HEAD", async () => {
    const { answers, wrong } = await run({ kind: "repeat", shot: shot("HEAD", "/a"), seconds: 0.3 });
    expect(wrong).toBe(0);
    expect(answers).toBeGreaterThan(8);
  });

  test("opens answers that have no end, and closes them", async () => {
    const { answers, wrong } = await run({ kind: "stream", shot: shot("GET", "/endless"), seconds: 0.3 });
    expect(wrong).toBe(0);
    expect(answers).toBeGreaterThan(4);
  });

  test("counts every answer of another status as wrong, and says which", async () => {
    const { answers, wrong, reason } = await run({ kind: "repeat", shot: shot("GET", "/wrong"), seconds: 0.2 });
    expect(answers).toBe(0);
    expect(wrong).toBeGreaterThan(0);
    expect(reason).toMatch(/404|400 and up/);
    const each = await run({ kind: "each", shots: ["/a", "/wrong", "/a", "/a"].map((path) => shot("GET", path)) });
    expect(each).toMatchObject({ answers: 3, wrong: 1, reason: "status 404, not 200" });
  });

  test("counts a server that is not there as wrong", async () => {
    const gone = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
    const url = gone.url.origin;
    await gone.stop(true);
    const { answers, wrong } = await tool.run({
      url,
      connections: 2,
      status: 200,
      traffic: { kind: "each", shots: ["/a", "/b"].map((path) => shot("GET", path)) },
    });
    expect(answers).toBe(0);
    expect(wrong).toBeGreaterThan(0);
  });
});
