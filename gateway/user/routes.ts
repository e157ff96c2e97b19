import { createRoute } from "@hono/zod-openapi";

import { requireUser } from "../auth/require_user.ts";
import type { Context } from "../context.ts";
import { bearer, errors, json, jsonBody } from "../openapi.ts";
import { createRouter } from "../router.ts";
import { profileSchema, refreshBody, registerBody, signedInSchema, signInBody, userParams } from "./schema.ts";
import { profile, refresh, register, removeAccount, signIn } from "./service.ts";

const tags = ["Users"];
const noContent = { description: "Done" };

/** Accounts and tokens: `/user`, `/user/{username}`, `/token`, `/token/refresh`. */
export function userRoutes(ctx: Context) {
  const middleware = requireUser(ctx);
  return createRouter()
    .openapi(
      createRoute({
        method: "post",
        path: "/user",
        tags,
        summary: "Register",
        request: { body: jsonBody(registerBody) },
        responses: {
          201: json(signedInSchema, "Registered and signed in"),
          ...errors("invalid-request", "username-taken", "too-large", "unavailable"),
        },
      }),
      async (c) => c.json(await register(ctx, c.req.valid("json")), 201, noStore),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/user/{username}",
        tags,
        summary: "Sign in",
        request: { params: userParams, body: jsonBody(signInBody) },
        responses: {
          200: json(signedInSchema, "Signed in"),
          ...errors("invalid-request", "bad-credentials", "too-large", "too-many-attempts", "unavailable"),
        },
      }),
      async (c) => {
        const { username: name } = c.req.valid("param");
        const { password } = c.req.valid("json");
        return c.json(await signIn(ctx, { name, password, address: c.env.address }), 200, noStore);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/user/{username}",
        tags,
        summary: "One's own account",
        security: bearer,
        middleware,
        request: { params: userParams },
        responses: { 200: json(profileSchema, "The account"), ...errors("unauthorized", "forbidden", "unavailable") },
      }),
      async (c) => c.json(await profile(ctx, { name: c.req.valid("param").username, principal: c.var.principal }), 200, noStore),
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/user/{username}",
        tags,
        summary: "Delete one's account and all it owns",
        security: bearer,
        middleware,
        request: { params: userParams },
        responses: { 204: noContent, ...errors("unauthorized", "forbidden", "unavailable") },
      }),
      async (c) => {
        await removeAccount(ctx, { name: c.req.valid("param").username, principal: c.var.principal });
        return c.body(null, 204);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/token/refresh",
        tags,
        summary: "Trade the refresh token for new tokens",
        request: { body: jsonBody(refreshBody) },
        responses: {
          200: json(signedInSchema, "New tokens; the old refresh token is spent"),
          ...errors("invalid-request", "unauthorized", "too-large"),
        },
      }),
      async (c) => c.json(await refresh(ctx, c.req.valid("json")), 200, noStore),
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/token",
        tags,
        summary: "Sign out",
        security: bearer,
        middleware,
        responses: { 204: noContent, ...errors("unauthorized", "unavailable") },
      }),
      async (c) => {
        await ctx.auth.sessions.revoke(c.var.principal.sessionId);
        return c.body(null, 204);
      },
    );
}

// RFC 6750, section 5.3 and RFC 9111, section 5.2.2.5: answers with tokens are kept nowhere.
const noStore = { "cache-control": "no-store" };
