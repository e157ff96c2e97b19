import { insertUpload } from "#db/insert_upload.ts";
import { mustFitQuota, quotaCheck } from "#db/room.ts";
import { newUploadRow, openUploadOf, type Upload } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import { checkName } from "../file/name.ts";
import type { Principal } from "../router.ts";
import { cutIntoChunks } from "./chunking.ts";
import { receivedOf } from "./received.ts";
import { newUploadId } from "./routing_key.ts";

export interface InitInput {
  name: string;
  size: number;
  sha1?: string | undefined;
  chunkSize?: number | undefined;
}

/** Where the request to open an upload comes from. */
interface Origin {
  requestId: string;
  /** The key by which the front finds this gateway again; the upload's id ends in it. */
  routingKey: string | undefined;
}

/** An upload to send chunks to; `received` is there where an open one is gone on with. */
export interface Initiated extends Pick<Upload, "id" | "chunkSize" | "chunkCount" | "expiresAt"> {
  received?: number;
}

/**
 * Opens an upload and reserves its space, or finds the caller's open one of the same content.
 *
 * @throws {AppError} `invalid-name`, `too-large`, `no-space`.
 * @throws {ElsewhereError} for an open one whose chunks lie on another node.
 */
export async function initUpload(ctx: Context, principal: Principal, input: InitInput, origin: Origin): Promise<Initiated> {
  const name = checkName(input.name);
  if (input.size > ctx.config.FILE_MAX_BYTES) {
    throw new AppError("too-large", `the file has ${input.size} bytes; the drive takes at most ${ctx.config.FILE_MAX_BYTES}`);
  }
  const open = await openOne(ctx, principal, input);
  if (open) return open;
  await mustFitQuota(ctx, principal.userId, input.size);
  return await ctx.admission(input.size, async () => await makeUpload(ctx, principal, { ...input, name }, origin));
}

/** The caller's open upload of that content, if it was declared and there is one. */
async function openOne(ctx: Context, { userId }: Principal, { sha1, size }: InitInput): Promise<Initiated | undefined> {
  const open = sha1 === undefined ? undefined : await openUploadOf(ctx.catalog.db, userId, sha1, size);
  return open && (await goOn(ctx, open));
}

async function goOn(ctx: Context, open: Upload): Promise<Initiated> {
  return { ...open, received: (await receivedOf(ctx, open)).size };
}

async function makeUpload(
  ctx: Context,
  { userId }: Principal,
  { name, size, sha1, chunkSize }: InitInput,
  { requestId, routingKey }: Origin,
): Promise<Initiated> {
  const now = ctx.now();
  const upload = {
    ...cutIntoChunks(size, chunkSize),
    id: newUploadId(routingKey, now),
    userId,
    name,
    sha1: sha1 ?? null,
    node: ctx.node,
    requestId,
    createdAt: now,
    expiresAt: now + ctx.config.UPLOAD_TTL,
  };
  // The spool first: an upload without its file could not be told from one that lost it.
  const log = await ctx.spool.create(upload.id, size);
  const open = await insertUpload(ctx.catalog, upload, quotaCheck(ctx, userId)).catch(async (error: unknown) => {
    await ctx.spool.remove(upload.id);
    throw error;
  });
  if (open) {
    // Another gateway was faster.
    await ctx.spool.remove(upload.id);
    return await goOn(ctx, open);
  }
  ctx.justOpened.add(newUploadRow(upload));
  ctx.progress.begin(upload.id, upload.chunkCount, log);
  await ctx.changed(userId);
  return upload;
}
