import { Hono } from "hono";

// The yardstick of small requests: one Hono route that answers the JSON of its first argument.

const answer: unknown = JSON.parse(process.argv[2] ?? "{}");
const app = new Hono().get("/file/query", (c) => c.json(answer));
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
process.stdout.write(`constant listens on http://127.0.0.1:${server.port}\n`);
