import { createRoute } from "@hono/zod-openapi";

import { createCallerOf } from "../auth/caller_of.ts";
import { requireUser } from "../auth/require_user.ts";
import type { Context } from "../context.ts";
import { bearer, errors, json, jsonBody } from "../openapi.ts";
import { createRouter } from "../router.ts";
import { routingKeyOf } from "../upload/routing_key.ts";
import { offlineSchema, offlineStartedSchema } from "./schema.ts";
import { startOffline } from "./service.ts";

/** Offline download: the drive fetches a URL by itself. */
export function offlineRoutes(ctx: Context) {
  const app = createRouter();
  return app.openapi(
    createRoute({
      method: "post",
      path: "/file/offline",
      tags: ["Uploads"],
      summary: "Have the drive fetch a URL",
      security: bearer,
      middleware: requireUser(ctx, createCallerOf(ctx)),
      request: { body: jsonBody(offlineSchema) },
      responses: {
        202: json(offlineStartedSchema, "An upload that the drive fills by itself"),
        ...errors("invalid-request", "invalid-name", "url-refused", "unauthorized", "too-large", "no-space"),
        ...errors("too-many-downloads"),
      },
    }),
    async (c) => {
      const origin = { requestId: c.env.requestId, routingKey: routingKeyOf(c), signal: c.req.raw.signal };
      const { id } = await startOffline(ctx, c.var.principal, c.req.valid("json"), origin);
      return c.json({ uploadId: id }, 202);
    },
  );
}
