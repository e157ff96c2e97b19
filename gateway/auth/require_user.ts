import type { MiddlewareHandler } from "hono";

import type { Env } from "../router.ts";
import { type CallerOf, type CallerPorts, createCallerOf } from "./caller_of.ts";

/** Middleware of every route that needs an access token: sets `c.var.principal`. Throws as {@link createCallerOf} does. */
export function requireUser(ctx: CallerPorts, callerOf: CallerOf = createCallerOf(ctx)): MiddlewareHandler<Env> {
  return async (c, next) => {
    c.set("principal", await callerOf(c.req.raw, c.env));
    await next();
  };
}
