import { createRoute } from "@hono/zod-openapi";

import { requireUser } from "../auth/require_user.ts";
import type { Context } from "../context.ts";
import { bearer, errors, json, jsonBody } from "../openapi.ts";
import { createRouter } from "../router.ts";
import { comment, commentsOf, removeComment } from "./comments.ts";
import {
  commentBody,
  commentListSchema,
  commentParams,
  commentSchema,
  ownerParams,
  ownVideoParams,
  pageQuery,
  publishBody,
  videoFormSchema,
  videoListSchema,
  videoParams,
  videoSchema,
} from "./schema.ts";
import { deleteOwnVideo, listVideosOf, publishVideo, videoOf } from "./service.ts";
import { createStreamLimiter } from "./stream_limiter.ts";
import { uploadVideo } from "./upload.ts";
import { poster, watch } from "./watch.ts";

const tags = ["Videos"];
const deleted = { description: "Deleted" };
const media = { schema: { type: "string" as const, format: "binary" } };

/** Videos and their comments: `/user/{username}/videos`, `/upload/{id}`, `/videos/{id}`. */
export function videoRoutes(ctx: Context) {
  const app = createRouter();
  const user = requireUser(ctx);
  const { STREAM_MAX, STREAM_MAX_PER_CLIENT } = ctx.config;
  const streams = createStreamLimiter({ max: STREAM_MAX, maxPerClient: STREAM_MAX_PER_CLIENT });
  ctx.metrics.gauge({ name: "sluice_streams_open", help: "Videos that are being streamed.", collect: () => streams.open });
  // Not by `openapi()`, whose form validator would read the whole body into memory first.
  app.openAPIRegistry.registerPath({
    method: "post",
    path: "/upload/{id}",
    tags,
    summary: "Send the file of a video that waits for one",
    security: bearer,
    request: {
      params: videoParams,
      body: { required: true, content: { "multipart/form-data": { schema: videoFormSchema } } },
    },
    responses: {
      201: json(videoSchema, "The video, which can be watched now"),
      ...errors("invalid-request", "invalid-name", "unauthorized", "forbidden", "not-found", "sha1-collision"),
      ...errors("too-large", "no-space"),
    },
  });
  app.post("/upload/:id", user, async (c) =>
    c.json(await uploadVideo(ctx, c.var.principal, c.req.param("id"), c.req.raw, c.env.requestId), 201),
  );
  return app
    .openapi(
      createRoute({
        method: "post",
        path: "/user/{username}/videos",
        tags,
        summary: "Publish a file of one's own, or make a video that waits for one",
        security: bearer,
        middleware: user,
        request: { params: ownerParams, body: jsonBody(publishBody) },
        responses: {
          201: json(videoSchema, "The video"),
          ...errors("invalid-request", "unauthorized", "forbidden", "not-found", "too-large"),
          ...errors("content-lost", "unavailable"),
        },
      }),
      async (c) => {
        const caller = { principal: c.var.principal, username: c.req.valid("param").username };
        const request = { id: c.env.requestId, signal: c.req.raw.signal };
        return c.json(await publishVideo(ctx, caller, c.req.valid("json"), request), 201);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/user/{username}/videos",
        tags,
        summary: "A page of somebody's videos, newest first",
        request: { params: ownerParams, query: pageQuery },
        responses: { 200: json(videoListSchema, "The page"), ...errors("invalid-request") },
      }),
      async (c) => c.json(await listVideosOf(ctx, c.req.valid("param").username, c.req.valid("query")), 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/user/{username}/videos/{id}",
        tags,
        summary: "One video",
        request: { params: ownVideoParams },
        responses: { 200: json(videoSchema, "The video"), ...errors("not-found") },
      }),
      async (c) => c.json(await videoOf(ctx, c.req.valid("param").username, c.req.valid("param").id), 200),
    )
    .openapi(
      createRoute({
        method: "delete",
        path: "/user/{username}/videos/{id}",
        tags,
        summary: "Delete a video, and the file that was sent for it",
        security: bearer,
        middleware: user,
        request: { params: ownVideoParams },
        responses: { 204: deleted, ...errors("unauthorized", "forbidden", "not-found") },
      }),
      async (c) => {
        const { username, id } = c.req.valid("param");
        await deleteOwnVideo(ctx, { principal: c.var.principal, username }, id);
        return c.body(null, 204);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/videos/{id}",
        tags,
        summary: "A video's bytes, with ranges",
        request: { params: videoParams },
        responses: {
          200: { description: "The bytes, as the type that they begin as", content: { "video/*": media, "audio/*": media } },
          206: { description: "A range of them, or several as `multipart/byteranges`" },
          304: { description: "Not modified" },
          ...errors("not-found", "precondition-failed", "range-not-satisfiable", "too-many-streams"),
          ...errors("content-lost", "unavailable"),
        },
      }),
      (c) => {
        const { address, isProxied } = c.env;
        return watch(ctx, streams, { id: c.req.valid("param").id, address, isProxied, request: c.req.raw });
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/videos/{id}/poster",
        tags,
        summary: "A still picture of a video, where the drive could make one",
        request: { params: videoParams },
        responses: {
          200: { description: "The picture", content: { "image/jpeg": media } },
          ...errors("not-found", "content-lost", "unavailable"),
        },
      }),
      (c) => poster(ctx, c.req.valid("param").id, c.req.raw.signal),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/videos/{id}/comments",
        tags,
        summary: "A page of a video's comments, newest first",
        request: { params: videoParams, query: pageQuery },
        responses: { 200: json(commentListSchema, "The page"), ...errors("invalid-request", "not-found") },
      }),
      async (c) => c.json(await commentsOf(ctx, c.req.valid("param").id, c.req.valid("query")), 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/videos/{id}/comments",
        tags,
        summary: "Comment on a video",
        security: bearer,
        middleware: user,
        request: { params: videoParams, body: jsonBody(commentBody) },
        responses: {
          201: json(commentSchema, "The comment"),
          ...errors("invalid-request", "unauthorized", "not-found", "too-large"),
        },
      }),
      async (c) => c.json(await comment(ctx, c.var.principal, c.req.valid("param").id, c.req.valid("json").content), 201),
    )
    .openapi(removal("delete", user), async (c) => {
      const { id, commentId } = c.req.valid("param");
      await removeComment(ctx, c.var.principal, id, commentId);
      return c.body(null, 204);
    })
    .openapi(removal("post", user), async (c) => {
      const { id, commentId } = c.req.valid("param");
      await removeComment(ctx, c.var.principal, id, commentId);
      return c.body(null, 204);
    });
}

/** Deleting a comment; the course's API does it by POST. */
function removal<M extends "delete" | "post">(method: M, middleware: ReturnType<typeof requireUser>) {
  return createRoute({
    method,
    path: "/videos/{id}/comments/{commentId}",
    tags,
    summary: "Delete a comment: its author may, and the video's owner",
    security: bearer,
    middleware,
    request: { params: commentParams },
    responses: { 204: deleted, ...errors("unauthorized", "forbidden", "not-found") },
  });
}
