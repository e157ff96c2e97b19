import { createRoute } from "@hono/zod-openapi";
import type { Context as Call } from "hono";

import { createCallerOf } from "../auth/caller_of.ts";
import { requireUser } from "../auth/require_user.ts";
import type { Context } from "../context.ts";
import { fileSchema } from "../file/schema.ts";
import { fileView } from "../file/view.ts";
import { bearer, errors, json, jsonBody } from "../openapi.ts";
import { createRouter, type Env } from "../router.ts";
import { downloadShare } from "./download.ts";
import { openShare, openSigned, type Visitor } from "./open.ts";
import { passwordOf } from "./password.ts";
import { saveShare } from "./save.ts";
import {
  newShareBody,
  ownShareSchema,
  shareDownloadQuery,
  shareHeaders,
  shareListQuery,
  shareListSchema,
  shareParams,
  shareSchema,
  topQuery,
  topSchema,
} from "./schema.ts";
import { createShare, listSharesOf, removeShare, viewShare } from "./service.ts";
import { listTop } from "./top.ts";

const tags = ["Sharing"];
const openly = [...bearer, {}];
/** What opening a share may be answered. */
const refusals = errors("unauthorized", "password-required", "not-found", "share-expired", "too-many-attempts", "unavailable");
// Views change with each answer, and a download URL is as good as the password.
const noStore = { "cache-control": "no-store" };

/** Shares: `/share`, `/share/{code}`. */
export function shareRoutes(ctx: Context) {
  const callerOf = createCallerOf(ctx);
  const user = requireUser(ctx, callerOf);
  const baseOf = (c: Call<Env>) => ctx.config.PUBLIC_URL ?? c.req.url;
  const visitorOf = async (c: Call<Env>, code: string, password: string | undefined): Promise<Visitor> => ({
    code,
    principal: c.req.raw.headers.has("authorization") ? await callerOf(c.req.raw, c.env) : undefined,
    password: passwordOf(password),
    address: c.env.address,
  });
  return createRouter()
    .openapi(
      createRoute({
        method: "post",
        path: "/share",
        tags,
        summary: "Share a file of one's own",
        security: bearer,
        middleware: user,
        request: { body: jsonBody(newShareBody) },
        responses: {
          201: json(ownShareSchema, "The share"),
          ...errors("invalid-request", "unauthorized", "not-found", "too-large", "unavailable"),
        },
      }),
      async (c) => c.json(await createShare(ctx, c.var.principal, c.req.valid("json"), baseOf(c)), 201, noStore),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/share",
        tags,
        summary: "A page of one's own shares, newest first, or of those that others share with one",
        security: bearer,
        middleware: user,
        request: { query: shareListQuery },
        responses: { 200: json(shareListSchema, "The page"), ...errors("invalid-request", "unauthorized") },
      }),
      async (c) => c.json(await listSharesOf(ctx, c.var.principal, c.req.valid("query"), baseOf(c)), 200, noStore),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/share/top",
        tags,
        summary: "The listed shares, most viewed first",
        request: { query: topQuery },
        responses: { 200: json(topSchema, "The shares"), ...errors("invalid-request") },
      }),
      async (c) => c.json({ shares: await listTop(ctx, c.req.valid("query").limit, baseOf(c)) }, 200, noStore),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/share/{code}",
        tags,
        summary: "A share, to whoever may open it; counts a view",
        security: openly,
        request: { params: shareParams, headers: shareHeaders },
        responses: { 200: json(shareSchema, "The share"), ...refusals },
      }),
      async (c) => {
        const visitor = await visitorOf(c, c.req.valid("param").code, c.req.valid("header")["x-share-password"]);
        return c.json(await viewShare(ctx, visitor, baseOf(c), c.req.method === "GET"), 200, noStore);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/share/{code}/download",
        tags,
        summary: "A share's bytes, with ranges; by password, token or signed URL",
        security: openly,
        request: { params: shareParams, headers: shareHeaders, query: shareDownloadQuery },
        responses: {
          200: {
            description: "The file",
            content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
          },
          206: { description: "A range of it, or several as `multipart/byteranges`" },
          304: { description: "Not modified" },
          ...errors("unauthorized", "bad-signature", "password-required", "not-found", "share-expired"),
          ...errors("precondition-failed", "range-not-satisfiable", "too-many-attempts", "content-lost", "unavailable"),
        },
      }),
      async (c) => {
        const { code } = c.req.valid("param");
        const { expires = "", signature } = c.req.valid("query");
        const share =
          signature === undefined
            ? await openShare(ctx, await visitorOf(c, code, c.req.valid("header")["x-share-password"]))
            : await openSigned(ctx, code, { expires, signature });
        const { address, isProxied } = c.env;
        return await downloadShare(ctx, share, { address, isProxied, request: c.req.raw });
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/share/{code}/save",
        tags,
        summary: "Save a share in one's own drive; no bytes move",
        security: bearer,
        middleware: user,
        request: { params: shareParams, headers: shareHeaders },
        responses: { 201: json(fileSchema, "The new file"), ...refusals, ...errors("no-space") },
      }),
      async (c) => {
        const visitor = await visitorOf(c, c.req.valid("param").code, c.req.valid("header")["x-share-password"]);
        const share = await openShare(ctx, visitor);
        return c.json(fileView(await saveShare(ctx, c.var.principal, share, c.env.requestId)), 201);
      },
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/share/{code}",
        tags,
        summary: "End a share of one's own",
        security: bearer,
        middleware: user,
        request: { params: shareParams },
        responses: { 204: { description: "Ended" }, ...errors("unauthorized", "not-found") },
      }),
      async (c) => {
        await removeShare(ctx, c.var.principal, c.req.valid("param").code);
        return c.body(null, 204);
      },
    );
}
