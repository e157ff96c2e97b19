import type { MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";

import { touchUser } from "#db/users.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import type { Env, Principal } from "../router.ts";

/** How often a session in use writes its user's `lastActiveAt`. */
const touchEveryMs = 5 * 60_000;

/**
 * Middleware of every route that needs an access token: sets `c.var.principal`. To be made once per router, since it
 * remembers which sessions it has seen lately.
 *
 * @throws {AppError} `unauthorized` without a good `Authorization: Bearer` header (RFC 6750, section 2.1);
 * `unavailable` when the catalog has to be asked and cannot be.
 */
export function requireUser(ctx: Pick<Context, "auth" | "catalog" | "lifecycle" | "now">): MiddlewareHandler<Env> {
  const touch = createTouch(ctx);
  return async (c, next) => {
    const principal = await ctx.auth.authenticate(bearerToken(c.req.header("authorization")));
    c.set("principal", principal);
    touch(principal);
    await next();
  };
}

/** RFC 9110, section 11.1: the scheme's name is case-insensitive. */
function bearerToken(header: string | undefined): string {
  const token = /^bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  if (token !== undefined) return token;
  throw new AppError("unauthorized", "this needs an access token: send it as `Authorization: Bearer <token>`");
}

function createTouch({ catalog, lifecycle, now }: Pick<Context, "catalog" | "lifecycle" | "now">) {
  const touchedAt = new LRUCache<string, number>({ max: 50_000 });
  return ({ sessionId, userId }: Principal): void => {
    const at = now();
    if (at - (touchedAt.get(sessionId) ?? 0) < touchEveryMs) return;
    touchedAt.set(sessionId, at);
    lifecycle.background("touch user", () => touchUser(catalog.db, userId, at, touchEveryMs));
  };
}
