import { expect, test } from "bun:test";

import { createLogger, createMetrics } from "#lib/telemetry/mod.ts";

import { createEdge } from "./edge.ts";
import { createRouter } from "./router.ts";

/** A gateway of a few routes, what it logs, and what it counts. */
function setup() {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({ level: "info", destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  const metrics = createMetrics({ onError: () => {} });
  const app = createRouter();
  app.get("/now/:id", (c) => c.text("now"));
  app.get("/later/:id", async (c) => {
    await Bun.sleep(20);
    c.env.principal = { userId: "u", username: "n", sessionId: "s" };
    return c.text("later", 201, { "referrer-policy": "origin" });
  });
  app.post("/broken", () => {
    throw new Error("of the test");
  });
  app.onError((error, c) => {
    c.env.logFields = { code: "internal", err: error };
    return c.text("broken", 500);
  });
  const fetch = createEdge({ log, metrics }, app);
  const ask = async (path: string, init: RequestInit = {}) =>
    fetch(new Request(`http://drive${path}`, init), {
      address: "10.0.0.1",
      isProxied: false,
      hop: undefined,
      keepOpen: () => {},
    });
  return { lines, ask, metrics };
}

test("one line tells of each request by whom, what and how long", async () => {
  const { lines, ask } = setup();
  await ask("/now/a%20b?secret=1", { headers: { "x-request-id": "request-0001" } });
  await ask("/later/a", { headers: { "x-request-id": "bad" } });
  expect(lines).toMatchObject([
    {
      level: 30,
      requestId: "request-0001",
      method: "GET",
      route: "/now/:id",
      path: "/now/a b",
      status: 200,
      address: "10.0.0.1",
    },
    { level: 30, route: "/later/:id", path: "/later/a", status: 201, userId: "u" },
  ]);
  expect(lines[0]).not.toHaveProperty("userId");
  expect(lines[1]?.["requestId"]).toMatch(/^[0-9a-f]{16}-\d+$/);
  expect(lines[0]?.["ms"]).toBeNumber();
  expect(lines[1]?.["ms"]).toBeGreaterThan(15);
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test("the line of a request that failed tells the error in full", async () => {
  const { lines, ask } = setup();
  expect((await ask("/broken", { method: "POST" })).status).toBe(500);
  expect(lines).toMatchObject([{ route: "/broken", status: 500, code: "internal", err: { message: "of the test" } }]);
});

test("every answer has the request's id and the security headers, but for what its route says itself", async () => {
  const { ask } = setup();
  for (const [path, policy] of [
    ["/now/a", "no-referrer"],
    ["/later/a", "origin"],
    ["/nothing", "no-referrer"],
  ] as const) {
    const { headers } = await ask(path, { headers: { "x-request-id": "request-0001" } });
    expect([headers.get("x-request-id"), headers.get("referrer-policy")]).toEqual(["request-0001", policy]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test("requests are counted by route and method, whatever a client calls them", async () => {
  const { ask, metrics } = setup();
  for (const id of ["a", "b"]) await ask(`/now/${id}`);
  await ask("/now/a", { method: "HEAD" });
  await ask("/now/a", { method: "PROPFIND" });
  await ask("/nothing/at/all");
  const text = await metrics.scrape(AbortSignal.timeout(5000));
  for (const line of [
    'http_requests_total{method="GET",route="/now/:id",status="200"} 2',
    'http_requests_total{method="HEAD",route="/now/:id",status="200"} 1',
    'http_requests_total{method="other",route="/*",status="404"} 1',
    'http_requests_total{method="GET",route="/*",status="404"} 1',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});
