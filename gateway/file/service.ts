import { deleteFile, fileById, fileBySha1, listFiles, renameFile, type StoredFile } from "#db/files.ts";
import { AppError } from "#lib/errors/mod.ts";

import { after } from "../after.ts";
import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";
import { checkName } from "./name.ts";

/**
 * A living file of the caller: the one place where ownership of files is checked. Somebody else's is not found,
 * since its existence is not told.
 */
export function ownFile(ctx: Context, { userId }: Principal, id: string): StoredFile | Promise<StoredFile> {
  return after(fileById(ctx.catalog, id, userId), (stored) => {
    if (stored?.file.userId === userId) return stored;
    throw new AppError("not-found", `you have no file ${JSON.stringify(id)}`);
  });
}

/** A living file of anybody, for one who holds a signed URL for it. */
export async function anyFile(ctx: Context, id: string): Promise<StoredFile> {
  const stored = await fileById(ctx.catalog, id);
  if (stored) return stored;
  throw new AppError("not-found", `there is no file ${JSON.stringify(id)} any more`);
}

/** The caller's newest file of a content. */
export async function ownFileBySha1(ctx: Context, { userId }: Principal, sha1: string): Promise<StoredFile> {
  const stored = await ctx.catalog.read(userId, (db) => fileBySha1(db, userId, sha1));
  if (stored) return stored;
  throw new AppError("not-found", `you have no file of SHA-1 ${sha1}`);
}

/** A page of the caller's files, newest first, and the cursor of the next one. */
export async function listOwnFiles(
  ctx: Context,
  { userId }: Principal,
  { q, limit, cursor }: { q?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ files: StoredFile[]; next: string | null }> {
  // One more than asked for tells whether there is a next page.
  const files = await ctx.catalog.read(userId, (db) => listFiles(db, { userId, q, before: cursor, limit: limit + 1 }));
  const page = files.slice(0, limit);
  return { files: page, next: files.length > limit ? (page.at(-1)?.file.id ?? null) : null };
}

/** Renames a file of the caller. @throws {AppError} `not-found`, `invalid-name`, `name-taken`. */
export async function renameOwnFile(ctx: Context, principal: Principal, id: string, name: string): Promise<StoredFile> {
  await ownFile(ctx, principal, id);
  await renameFile(ctx.catalog, principal.userId, id, checkName(name), ctx.now());
  await ctx.changed(principal.userId);
  return await ownFile(ctx, principal, id);
}

/** Marks a file of the caller deleted; its bytes go after the grace period, if nobody else needs them. */
export async function deleteOwnFile(ctx: Context, principal: Principal, id: string): Promise<void> {
  const now = ctx.now();
  const isDeleted = await deleteFile(ctx.catalog, principal.userId, id, now, now + ctx.config.PURGE_AFTER);
  if (!isDeleted) throw new AppError("not-found", `you have no file ${JSON.stringify(id)}`);
  await ctx.changed(principal.userId);
}
