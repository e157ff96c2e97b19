import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";

import type { Context } from "./context.ts";
import type { Env } from "./router.ts";

/** What a client may call a method is without end, and each value of a label is a time series of its own. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

/**
 * Outermost middleware: gives each request its id (`X-Request-Id`, the client's own where it has a sane shape),
 * counts it, and writes its one wide log line.
 */
export function requestLog({ log, metrics }: Pick<Context, "log" | "metrics">): MiddlewareHandler<Env> {
  return async (c, next) => {
    const begin = performance.now();
    const requestId = requestIdOf(c.req.header("x-request-id"));
    c.set("requestId", requestId);
    c.set("logFields", {});
    await next();
    c.res.headers.set("x-request-id", requestId);
    const { method } = c.req;
    const { status } = c.res;
    const route = routePath(c, -1);
    const seconds = (performance.now() - begin) / 1000;
    metrics.request({ method: methods.has(method) ? method : "other", route, status, seconds });
    log.info({
      requestId,
      method,
      route,
      path: c.req.path,
      status,
      ms: Math.round(seconds * 1e6) / 1e3,
      address: c.env.address,
      forwardedFrom: c.env.hop?.from,
      userId: c.get("principal")?.userId,
      ...c.get("logFields"),
    });
  };
}

function requestIdOf(given: string | undefined): string {
  return given !== undefined && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : crypto.randomUUID();
}
