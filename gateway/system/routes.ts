import { createRoute, z } from "@hono/zod-openapi";

import { checkPorts } from "#lib/lifecycle/mod.ts";

import type { Context } from "../context.ts";
import { json } from "../openapi.ts";
import { createRouter } from "../router.ts";
import { docsPage, docsStyle } from "./docs.ts";
import { registerGauges } from "./gauges.ts";

const tags = ["System"];
const text = (type: string) => ({ content: { [type]: { schema: { type: "string" as const } } } });

const readySchema = z
  .object({
    ready: z.boolean(),
    ports: z.record(
      z.string(),
      z.object({ engine: z.string(), ok: z.boolean(), needed: z.boolean(), error: z.string().optional() }),
    ),
  })
  .openapi("Readiness");

/** Health, metrics and the API's own document. `api` is the app whose routes are documented. */
export function systemRoutes(ctx: Context, api: ReturnType<typeof createRouter>) {
  registerGauges(ctx);
  const app = createRouter();
  const document = () => {
    api.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
    return api.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "Sluice", version: "1", description: "A cloud drive that a team runs itself." },
    });
  };
  // Built on first use: the routes are all there by then, and never change.
  let built: ReturnType<typeof document> | undefined;
  const openapi = () => (built ??= document());
  return app
    .openapi(
      createRoute({
        method: "get",
        path: "/healthz",
        tags,
        summary: "The process is alive",
        responses: { 200: json(z.object({ ok: z.literal(true) }), "It is") },
      }),
      (c) => c.json({ ok: true as const }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/readyz",
        tags,
        summary: "Every port that is needed can be reached",
        responses: { 200: json(readySchema, "It can"), 503: json(readySchema, "It cannot, or the gateway is stopping") },
      }),
      async (c) => {
        const readiness = await checkPorts(ctx);
        return c.json(readiness, readiness.ready ? 200 : 503);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/metrics",
        tags,
        summary: "Prometheus metrics",
        responses: { 200: { description: "Text format", ...text("text/plain") } },
      }),
      async (c) => c.body(await ctx.metrics.scrape(AbortSignal.timeout(5000)), 200, { "content-type": ctx.metrics.contentType }),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/openapi.json",
        tags,
        summary: "This API as an OpenAPI 3.1 document",
        responses: { 200: { description: "The document", ...text("application/json") } },
      }),
      (c) => c.json(openapi(), 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/docs",
        tags,
        summary: "This API as a page",
        responses: { 200: { description: "HTML", ...text("text/html") } },
      }),
      (c) =>
        c.html(docsPage(openapi()), 200, {
          "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
        }),
    )
    .get("/docs.css", (c) => c.body(docsStyle, 200, { "content-type": "text/css; charset=utf-8" }));
}
