import { checkPorts } from "#lib/lifecycle/mod.ts";

import type { WorkerContext } from "./context.ts";

/**
 * What a process of workers tells of itself, where `WORKER_PORT` is set: `/healthz`, `/readyz` and `/metrics`, as the
 * gateway does. It ends with the lifecycle.
 */
export function startStatusServer(ctx: WorkerContext): void {
  const { HOST, WORKER_PORT } = ctx.config;
  if (WORKER_PORT === undefined) return;
  const server = Bun.serve({
    hostname: HOST,
    port: WORKER_PORT,
    routes: {
      "/healthz": () => Response.json({ ok: true }),
      "/readyz": async () => {
        const readiness = await checkPorts(ctx);
        return Response.json(readiness, { status: readiness.ready ? 200 : 503 });
      },
      "/metrics": async () => {
        const text = await ctx.metrics.scrape(AbortSignal.timeout(5000));
        return new Response(text, { headers: { "content-type": ctx.metrics.contentType } });
      },
    },
    fetch: () => new Response("not found\n", { status: 404 }),
    error: (error) => {
      ctx.log.error({ err: error }, "the workers' state could not be told");
      return new Response("internal error\n", { status: 500 });
    },
  });
  ctx.lifecycle.onStop("status server", () => server.stop(true));
}
