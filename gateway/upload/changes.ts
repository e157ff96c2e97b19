import { filesChangedSince, type StoredFile } from "#db/files.ts";
import { type Upload, uploadsChangedSince } from "#db/uploads.ts";

import type { Context } from "../context.ts";
import { fileView } from "../file/view.ts";
import { statusOf } from "./status.ts";

/** Something of a user changed: what clients see of it now. */
export interface Change {
  event: "upload" | "file";
  data: unknown;
  /** When, epoch milliseconds. */
  at: number;
}

/**
 * What changed of a user's uploads and files, read from the rows: nothing is lost with a message, and a client
 * that was away goes on from where it was. Each call gives what is new since the call before.
 *
 * @param since epoch milliseconds.
 */
export function followChanges(ctx: Context, userId: string, since: number): () => Promise<Change[]> {
  // Rows of one millisecond may come in two looks, hence an overlap, and the memory of what was told from it.
  let cursor = since;
  let told = new Set<string>();
  return async () => {
    const [uploads, files] = await Promise.all([
      uploadsChangedSince(ctx.catalog, userId, cursor - overlapMs),
      filesChangedSince(ctx.catalog, userId, cursor - overlapMs),
    ]);
    const rows = [
      ...uploads.map((upload) => ({ key: `${upload.id} ${upload.state} ${upload.updatedAt}`, at: upload.updatedAt, upload })),
      ...files.map((stored) => ({
        key: `${stored.file.id} ${stored.blob.state} ${stored.file.updatedAt}`,
        at: stored.file.updatedAt,
        stored,
      })),
    ].toSorted((a, b) => a.at - b.at);
    const fresh = rows.filter((row) => row.at > since && !told.has(row.key));
    told = new Set(rows.map((row) => row.key));
    cursor = Math.max(cursor, ...rows.map((row) => row.at));
    return await Promise.all(fresh.map((row) => ("upload" in row ? uploadChange(ctx, row) : fileChange(row))));
  };
}

/** Rows are stamped before they are committed: one may turn up this much after a later one. */
const overlapMs = 2000;

async function uploadChange(ctx: Context, { upload, at }: { upload: Upload; at: number }): Promise<Change> {
  return { event: "upload", data: await statusOf(ctx, upload), at };
}

async function fileChange({ stored, at }: { stored: StoredFile; at: number }): Promise<Change> {
  const isDeleted = stored.file.deletedAt !== null;
  return { event: "file", data: isDeleted ? { id: stored.file.id, deleted: true } : fileView(stored), at };
}
