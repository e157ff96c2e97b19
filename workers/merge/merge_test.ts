import { expect, test } from "bun:test";
import { createHash } from "node:crypto";

import { insertUpload } from "#db/insert_upload.ts";
import { closeUpload, uploadById } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { digestsIn, freePieces } from "#lib/spool/mod.ts";

import { bytesOf } from "../../test/support/client.ts";
import { inPlaceOf } from "../../test/support/stores.ts";
import type { WorkerContext } from "../context.ts";
import { runJob } from "../run_job.ts";
import { newUser, testWorkers } from "../testing.ts";
import { merge } from "./merge.ts";

const content = bytesOf(300_000, "merge");
const spans = [
  { offset: 0, length: 200_000 },
  { offset: 200_000, length: 100_000 },
];

/** A complete upload that waits for its merge, on a drive whose store wants to know what those spans hash to. */
async function complete() {
  const workers = await testWorkers();
  const ctx: WorkerContext = { ...workers.ctx, stores: inPlaceOf(workers.ctx.stores, { spansToDigest: () => spans }) };
  const [id, userId] = [newId(), await newUser(ctx.catalog)];
  const size = content.byteLength;
  const shape = { name: "a.bin", size, sha1: null, chunkSize: size, chunkCount: 1, node: ctx.node, requestId: null };
  await insertUpload(ctx.catalog, { ...shape, id, userId, createdAt: ctx.now(), expiresAt: ctx.now() + 1e9 });
  await ctx.spool.create(id, size);
  const { signal } = new AbortController();
  const body = freePieces(new Blob([content]).stream());
  await ctx.spool.writeChunk({ id, index: 1, offset: 0, size, body, signal });
  await closeUpload(ctx.catalog, id, ctx.now(), "request");
  const state = async () => (await uploadById(ctx.catalog.db, id))?.state;
  return { ctx, id, state, [Symbol.asyncDispose]: async () => await workers[Symbol.asyncDispose]() };
}

test("says in the log what the spans hash to that the store will want", async () => {
  await using upload = await complete();
  const { ctx, id, state } = upload;
  await runJob(ctx, merge, id);
  expect(await state()).toBe("done");
  const md5Of = (from: number, to: number) => createHash("md5").update(content.subarray(from, to)).digest("hex");
  expect(digestsIn((await ctx.spool.readLog(id)).entries)).toEqual([
    { offset: 0, length: 200_000, md5: md5Of(0, 200_000) },
    { offset: 200_000, length: 100_000, md5: md5Of(200_000, 300_000) },
  ]);
});

test.each([
  // A merge is on the way to freeing the disk.
  ["goes on where the disk is too full for that", "no-space", "done"],
  ["is tried again where the log cannot be written for another reason", "content-lost", "verifying"],
] as const)("%s", async (_, code, after) => {
  await using upload = await complete();
  const { ctx, id, state } = upload;
  const noteDigests = async () => {
    throw new AppError(code, "as the test says");
  };
  await runJob({ ...ctx, spool: { ...ctx.spool, noteDigests } }, merge, id);
  expect(await state()).toBe(after);
});

test("is tried again where a span cannot be hashed", async () => {
  await using upload = await complete();
  const { ctx, id, state } = upload;
  const stores = inPlaceOf(ctx.stores, { spansToDigest: () => [{ offset: 0, length: content.byteLength + 1 }] });
  await runJob({ ...ctx, stores }, merge, id);
  expect(await state()).toBe("verifying");
});
