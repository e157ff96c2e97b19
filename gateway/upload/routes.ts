import { createRoute } from "@hono/zod-openapi";

import { crc32Hex, parseChecksum } from "#lib/bytes/mod.ts";
import { AppError } from "#lib/errors/mod.ts";

import { after } from "../after.ts";
import { createCallerOf } from "../auth/caller_of.ts";
import { requireUser } from "../auth/require_user.ts";
import type { Context } from "../context.ts";
import { fileSchema } from "../file/schema.ts";
import { fileView } from "../file/view.ts";
import { jsonAnswer } from "../json_answer.ts";
import { bearer, errors, json, jsonBody } from "../openapi.ts";
import { checkedQuery, createRouter, queryReader } from "../router.ts";
import { cancelOwnUpload } from "./cancel.ts";
import { unpackRanges } from "./challenge_ranges.ts";
import { chunkBody, isOnePiece } from "./chunk_body.ts";
import { completeUpload } from "./complete.ts";
import { streamEvents } from "./events.ts";
import { initUpload, type Initiated } from "./init.ts";
import { askInstant, proveInstant } from "./instant.ts";
import { ownUpload } from "./ownership.ts";
import { receiveChunk, receiveWhole } from "./receive_chunk.ts";
import { routingKeyOf } from "./routing_key.ts";
import {
  challengeSchema,
  chunkHeaders,
  chunkQuery,
  chunkSchema,
  fastUploadSchema,
  initiatedSchema,
  initSchema,
  statusSchema,
  uploadIdSchema,
  uploadQuery,
} from "./schema.ts";
import { statusOf } from "./status.ts";

/** Chunked upload, instant upload, and the events of both. */
export function uploadRoutes(ctx: Context) {
  const app = createRouter();
  const callerOf = createCallerOf(ctx);
  const readUploadQuery = queryReader(uploadQuery);
  const base = { tags: ["Uploads"], security: bearer, middleware: requireUser(ctx, callerOf) };
  // Not by `openapi()`, nor the next one: a page that uploads sends and asks again and again (see `GET /file/query`).
  for (const method of ["put", "post"] as const) {
    app.openAPIRegistry.registerPath({
      method,
      path: "/file/mpupload/uppart",
      tags: base.tags,
      security: base.security,
      summary: "Send a chunk: its bytes are the body",
      request: {
        query: chunkQuery,
        headers: chunkHeaders,
        body: { required: true, content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } },
      },
      responses: {
        200: json(chunkSchema, "The chunk is there, whatever dies next"),
        ...errors("invalid-request", "wrong-chunk-size", "incomplete-body", "unauthorized", "no-such-upload"),
        ...errors("upload-closed", "chunk-conflict", "chunk-preempted", "checksum-mismatch", "no-space"),
      },
    });
  }
  app.on(["PUT", "POST"], "/file/mpupload/uppart", (c) =>
    after(callerOf(c.req.raw, c.env), async (principal) => {
      const { uploadid, index } = checkedQuery(c.req, chunkQuery);
      const announced = lengthOf(c.req.header("content-length"));
      const head = {
        uploadId: uploadid,
        index,
        announced,
        checksum: checksumOf(c.req.header("upload-checksum")),
        signal: c.req.raw.signal,
      };
      const record = isOnePiece(announced)
        ? await receiveWhole(ctx, principal, head, () => c.req.raw.bytes())
        : await ctx.receiveBuffers.during(() => receiveChunk(ctx, principal, { ...head, body: chunkBody(c.req.raw) }));
      return jsonAnswer(JSON.stringify({ ...record, crc32: crc32Hex(record.crc32) }));
    }),
  );
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/file/mpupload/status",
    tags: base.tags,
    security: base.security,
    summary: "How far an upload is",
    request: { query: uploadQuery },
    responses: { 200: json(statusSchema, "Its state"), ...errors("invalid-request", "unauthorized", "no-such-upload") },
  });
  app.get("/file/mpupload/status", (c) =>
    after(callerOf(c.req.raw, c.env), async (principal) => {
      const { uploadid } = readUploadQuery(c.req);
      return jsonAnswer(JSON.stringify(await statusOf(ctx, await ownUpload(ctx, principal, uploadid, true))));
    }),
  );
  return app
    .openapi(
      createRoute({
        ...base,
        method: "post",
        path: "/file/mpupload/init",
        summary: "Open an upload, or go on with an open one",
        request: { body: jsonBody(initSchema) },
        responses: {
          200: json(initiatedSchema, "An open upload of the same sha1 and size"),
          201: json(initiatedSchema, "A new upload; its space is reserved"),
          ...errors("invalid-request", "invalid-name", "unauthorized", "too-large", "no-space"),
        },
      }),
      async (c) => {
        const routingKey = routingKeyOf(c);
        const upload = await initUpload(ctx, c.var.principal, c.req.valid("json"), { requestId: c.env.requestId, routingKey });
        return upload.received === undefined ? c.json(initiatedView(upload), 201) : c.json(initiatedView(upload), 200);
      },
    )
    .openapi(
      createRoute({
        ...base,
        method: "post",
        path: "/file/mpupload/complete",
        summary: "Every chunk is sent: verify and make the file",
        request: { body: jsonBody(uploadIdSchema) },
        responses: {
          202: json(statusSchema, "Its state"),
          ...errors("invalid-request", "unauthorized", "no-such-upload", "incomplete", "upload-closed", "too-large"),
        },
      }),
      async (c) => {
        // The disk may have much to take before the answer.
        c.env.keepOpen();
        const upload = await completeUpload(ctx, c.var.principal, c.req.valid("json").uploadId, c.env.requestId);
        return c.json(await statusOf(ctx, upload), 202);
      },
    )
    .openapi(
      createRoute({
        ...base,
        method: "post",
        path: "/file/mpupload/cancel",
        summary: "End an upload and free what it holds",
        request: { body: jsonBody(uploadIdSchema) },
        responses: {
          204: { description: "Cancelled" },
          ...errors("invalid-request", "unauthorized", "no-such-upload", "too-large"),
        },
      }),
      async (c) => {
        await cancelOwnUpload(ctx, c.var.principal, c.req.valid("json").uploadId);
        return c.body(null, 204);
      },
    )
    .openapi(
      createRoute({
        ...base,
        method: "get",
        path: "/file/events",
        summary: "An event whenever an upload or a file of the caller changes state",
        responses: {
          200: { description: "`upload` and `file` events", content: { "text/event-stream": { schema: { type: "string" } } } },
          ...errors("unauthorized"),
        },
      }),
      (c) => streamEvents(ctx, c),
    )
    .openapi(
      createRoute({
        ...base,
        method: "post",
        path: "/file/fastupload",
        summary: "Instant upload: ask by hash, then answer the challenge",
        request: { body: jsonBody(fastUploadSchema) },
        responses: {
          200: json(challengeSchema, "Prove that you have it"),
          201: json(fileSchema, "The file"),
          ...errors("invalid-request", "invalid-name", "unauthorized", "not-instant", "too-large", "no-space"),
        },
      }),
      async (c) => {
        const input = c.req.valid("json");
        const { principal } = c.var;
        const { requestId } = c.env;
        if ("challengeId" in input) {
          const isForwarded = c.env.hop?.isSigned ?? false;
          const proven = await proveInstant(ctx, principal, input, { requestId, signal: c.req.raw.signal, isForwarded });
          return c.json(fileView(proven), 201);
        }
        const outcome = await askInstant(ctx, principal, input, requestId);
        return "file" in outcome
          ? c.json(fileView(outcome.file), 201)
          : c.json({ challenge: challengeView(outcome.challenge) }, 200);
      },
    );
}

function initiatedView({ id, chunkSize, chunkCount, expiresAt, received }: Initiated) {
  const view = { uploadId: id, chunkSize, chunkCount, expiresAt: new Date(expiresAt).toISOString() };
  return received === undefined ? view : { ...view, received };
}

function challengeView({ id, nonce, ranges, expiresAt }: { id: string; nonce: string; ranges: string; expiresAt: number }) {
  const pairs = unpackRanges(ranges).map(({ offset, length }): [number, number] => [offset, length]);
  return { id, nonce, ranges: pairs, expiresAt: new Date(expiresAt).toISOString() };
}

function checksumOf(header: string | undefined) {
  if (header === undefined) return undefined;
  const checksum = parseChecksum(header);
  if (checksum) return checksum;
  throw new AppError(
    "invalid-request",
    `Upload-Checksum: ${JSON.stringify(header)} is not "crc32|sha1|sha256 <base64 of the digest>"`,
  );
}

function lengthOf(header: string | undefined): number | null {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : null;
}
