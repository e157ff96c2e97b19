import { createRoute } from "@hono/zod-openapi";

import type { StoredFile } from "#db/stored_file.ts";

import { after } from "../after.ts";
import { createCallerOf } from "../auth/caller_of.ts";
import { requireUser } from "../auth/require_user.ts";
import type { Context } from "../context.ts";
import { jsonAnswer } from "../json_answer.ts";
import { bearer, errors, json, jsonBody } from "../openapi.ts";
import { createRouter, queryReader } from "../router.ts";
import { download } from "./download.ts";
import { uploadForm } from "./form_upload.ts";
import {
  deleteSchema,
  downloadQuery,
  downloadUrlSchema,
  fileSchema,
  formSchema,
  idQuery,
  listSchema,
  querySchema,
  renameSchema,
  uploadedSchema,
} from "./schema.ts";
import { anyFile, deleteOwnFile, listOwnFiles, ownFile, ownFileBySha1, renameOwnFile } from "./service.ts";
import { fileJson, fileView } from "./view.ts";

const tags = ["Files"];

/** Files: upload by form, query, download, rename, delete. */
export function fileRoutes(ctx: Context) {
  const app = createRouter();
  const callerOf = createCallerOf(ctx);
  const user = requireUser(ctx, callerOf);
  const readQuery = queryReader(querySchema);
  const userUnlessSigned: typeof user = (c, next) => (c.req.query("signature") === undefined ? user(c, next) : next());
  // Not by `openapi()`, whose form validator would read the whole body into memory first.
  app.openAPIRegistry.registerPath({
    method: "post",
    path: "/file/upload",
    tags,
    summary: "Upload files by a form",
    security: bearer,
    request: { body: { required: true, content: { "multipart/form-data": { schema: formSchema } } } },
    responses: {
      201: json(uploadedSchema, "The file, or a list for several"),
      ...errors("invalid-request", "invalid-name", "unauthorized", "sha1-collision", "too-large", "no-space"),
    },
  });
  app.post("/file/upload", user, async (c) => {
    const stored = await uploadForm(ctx, c.var.principal, c.req.raw, c.env.requestId);
    const views = stored.map(fileView);
    return c.json(views.length === 1 ? views[0] : views, 201);
  });
  // Nor by `openapi()`: this is what clients ask most, and without middleware it takes half the time (docs/performance.md).
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/file/query",
    tags,
    summary: "One file by id or sha1, else a page of all, newest first",
    security: bearer,
    request: { query: querySchema },
    responses: {
      200: json(fileSchema.or(listSchema), "The file or the page"),
      ...errors("invalid-request", "unauthorized", "not-found"),
    },
  });
  app.get("/file/query", (c) =>
    after(callerOf(c.req.raw, c.env), (principal) => {
      const query = readQuery(c.req);
      if (query.id !== undefined) return after(ownFile(ctx, principal, query.id), answerFile);
      if (query.sha1 !== undefined) return after(ownFileBySha1(ctx, principal, query.sha1), answerFile);
      return after(listOwnFiles(ctx, principal, query, c.req.raw.signal), ({ files, next }) =>
        c.json({ files: files.map(fileView), next }),
      );
    }),
  );
  return app
    .openapi(
      createRoute({
        method: "get",
        path: "/file/download",
        tags,
        summary: "A file's bytes, with ranges; by token or signed URL",
        security: [...bearer, {}],
        middleware: userUnlessSigned,
        request: { query: downloadQuery },
        responses: {
          200: {
            description: "The file",
            content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
          },
          206: { description: "A range of it, or several as `multipart/byteranges`" },
          304: { description: "Not modified" },
          ...errors("invalid-request", "unauthorized", "bad-signature", "not-found"),
          ...errors("precondition-failed", "range-not-satisfiable", "content-lost"),
        },
      }),
      async (c) => {
        const { id, expires, signature } = c.req.valid("query");
        if (signature === undefined)
          return await download(ctx, await ownFile(ctx, c.var.principal, id), c.req.raw, c.env.isProxied);
        ctx.auth.downloadUrls.verify({ id, expires: expires ?? "", signature });
        return await download(ctx, await anyFile(ctx, id), c.req.raw, c.env.isProxied);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/file/downloadurl",
        tags,
        summary: "A URL that works without a token for a while",
        security: bearer,
        middleware: user,
        request: { query: idQuery },
        responses: { 200: json(downloadUrlSchema, "The URL"), ...errors("invalid-request", "unauthorized", "not-found") },
      }),
      async (c) => {
        const { file } = await ownFile(ctx, c.var.principal, c.req.valid("query").id);
        const expires = Math.floor((ctx.now() + ctx.config.DOWNLOAD_URL_TTL) / 1000);
        const url = new URL("/file/download", ctx.config.PUBLIC_URL ?? c.req.url);
        url.search = new URLSearchParams({
          id: file.id,
          expires: String(expires),
          signature: ctx.auth.downloadUrls.sign(file.id, expires),
        }).toString();
        return c.json({ url: url.href, expiresAt: new Date(expires * 1000).toISOString() }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/file/update",
        tags,
        summary: "Rename a file",
        security: bearer,
        middleware: user,
        request: { body: jsonBody(renameSchema) },
        responses: {
          200: json(fileSchema, "The file"),
          ...errors("invalid-request", "invalid-name", "unauthorized", "not-found", "name-taken", "too-large"),
        },
      }),
      async (c) => {
        const { id, name } = c.req.valid("json");
        return c.json(fileView(await renameOwnFile(ctx, c.var.principal, id, name)), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/file/delete",
        tags,
        summary: "Delete a file",
        security: bearer,
        middleware: user,
        request: { body: jsonBody(deleteSchema) },
        responses: { 204: { description: "Deleted" }, ...errors("invalid-request", "unauthorized", "not-found", "too-large") },
      }),
      async (c) => {
        await deleteOwnFile(ctx, c.var.principal, c.req.valid("json").id);
        return c.body(null, 204);
      },
    );
}

function answerFile(stored: StoredFile): Response {
  return jsonAnswer(fileJson(stored));
}
