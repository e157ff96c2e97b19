import { type Context, Hono } from "hono";

import type { Constant } from "../support/constant.ts";

// The yardstick of small requests: one Hono route that reads the request's body and answers what the file that is its first
// argument says.

const { method, path, status, headers, body, isEndless }: Constant = JSON.parse(await Bun.file(process.argv[2] ?? "").text());
const bytes = Buffer.from(body, "latin1");
const isJson = headers["content-type"] === "application/json";
const json: unknown = isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;

const app = new Hono().on(method === "HEAD" ? "GET" : method, path, (c) => (c.req.raw.body === null ? answer(c) : drained(c)));

async function drained(c: Context): Promise<Response> {
  for await (const _ of c.req.raw.body ?? []);
  return answer(c);
}

function answer(c: Context): Response {
  // Hono's type of a status is a union of numbers, and this one comes from a file.
  if (json !== undefined) return c.json(json, status as 200);
  return new Response(isEndless ? endless() : bytes.length > 0 ? bytes : null, { status, headers });
}

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
}

const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 120, fetch: app.fetch });
process.stdout.write(`constant listens on http://127.0.0.1:${server.port}\n`);
