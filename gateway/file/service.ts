import { fileBelow, listFiles } from "#db/file_lists.ts";
import { deleteFile, fileById, fileBySha1, renameFile } from "#db/files.ts";
import type { StoredFile } from "#db/stored_file.ts";
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
  ctx: Pick<Context, "catalog">,
  { userId }: Principal,
  { q, limit, cursor }: { q?: string | undefined; limit: number; cursor?: string | undefined },
  signal: AbortSignal,
): Promise<{ files: StoredFile[]; next: string | null }> {
  // One more than asked for tells whether there is a next page.
  const wanted = { userId, before: cursor, limit: limit + 1 };
  const files = q
    ? await searchFiles(ctx, { ...wanted, q }, signal)
    : await ctx.catalog.read(userId, (db) => listFiles(db, wanted));
  const page = files.slice(0, limit);
  return { files: page, next: files.length > limit ? (page.at(-1)?.file.id ?? null) : null };
}

/** Names that a search looks at in one statement. */
const searchRows = 5000;

/**
 * A search may have to look at each of a million names. It does so some at a time, and others are answered in between: on
 * SQLite a statement holds up the whole process, on MySQL it has a deadline.
 */
async function searchFiles(
  ctx: Pick<Context, "catalog">,
  { userId, q, before, limit }: { userId: string; q: string; before: string | undefined; limit: number },
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const found: StoredFile[] = [];
  for (let end = before; !signal.aborted; await Bun.sleep(0)) {
    const from = await ctx.catalog.read(userId, (db) => fileBelow(db, { userId, before: end, rows: searchRows }));
    const range = { userId, q, from, before: end, limit: limit - found.length };
    found.push(...(await ctx.catalog.read(userId, (db) => listFiles(db, range))));
    if (from === undefined || found.length >= limit) break;
    end = from;
  }
  return found;
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
