import type { ChangePosition } from "#db/change_position.ts";
import { filesChangedAfter } from "#db/file_lists.ts";
import type { StoredFile } from "#db/stored_file.ts";
import { type Upload, uploadsChangedAfter } from "#db/uploads.ts";

import type { Context } from "../context.ts";
import { fileView } from "../file/view.ts";
import { ElsewhereError } from "../peers/mod.ts";
import { receivedAsKnown } from "./received.ts";
import type { StatusView } from "./schema.ts";
import { statusOf } from "./status.ts";

/** Something of a user changed: what clients see of it now. */
export interface Change {
  event: "upload" | "file";
  data: unknown;
  /** When, epoch milliseconds. */
  at: number;
}

/** What changed of a user's uploads and files. */
export interface Changes {
  /** Passes over all that there is. */
  skip: () => Promise<void>;
  /** What is new since the call before, oldest change first, read page by page. */
  look: () => AsyncGenerator<Change>;
}

/**
 * Follows what changes of a user, read from the rows: nothing is lost with a message, and a client that was away goes on from
 * where it was.
 *
 * @param since epoch milliseconds up to which all was told; `null` for one who begins, and skips what there is: that one is
 *   told of a row that is committed later, also where it was stamped before.
 * @param askOwner tells how far an open upload is whose chunks lie on another node. While that cannot be told, the change
 *   is not: it is asked for again with each call, until a later change is told.
 */
export function followChanges(
  ctx: Context,
  userId: string,
  since: number | null,
  askOwner: (upload: Upload) => Promise<StatusView | undefined>,
): Changes {
  // Rows of one millisecond may come in two looks, hence an overlap, and the memory of what was told from it.
  let cursor = since ?? ctx.now();
  const told = new Map<string, number>();

  async function* untold() {
    const from = { at: cursor - overlapMs, id: "" };
    for (const [key, at] of told) if (at < from.at) told.delete(key);
    const uploads = pages(
      (after) => uploadsChangedAfter(ctx.catalog, userId, after, pageRows),
      from,
      (upload) => upload,
    );
    const files = pages(
      (after) => filesChangedAfter(ctx.catalog, userId, after, pageRows),
      from,
      ({ file }) => file,
    );
    for await (const row of inOrder(uploads, files)) {
      const mark = "file" in row ? fileMark(row) : uploadMark(row);
      if ((since === null || mark.at > since) && !told.has(mark.key)) yield { row, ...mark };
    }
  }

  return {
    async skip() {
      for await (const { key, at } of untold()) told.set(key, at);
    },
    async *look() {
      for await (const { row, key, at } of untold()) {
        const change = "file" in row ? fileChange(row, at) : await uploadChange(ctx, row, at, askOwner);
        if (change === undefined) continue;
        told.set(key, at);
        cursor = Math.max(cursor, at);
        yield change;
      }
    },
  };
}

/**
 * Rows are stamped before they are committed: one may turn up this much after a later one. A transaction on MySQL may wait
 * for others, and be tried again for ten seconds.
 */
const overlapMs = 20_000;
const pageRows = 500;

/** Reads page after page, from a position to the end. */
async function* pages<T>(
  read: (after: ChangePosition) => Promise<T[]>,
  from: ChangePosition,
  rowOf: (item: T) => { updatedAt: number; id: string },
): AsyncGenerator<T> {
  for (let after = from; ;) {
    const page = await read(after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) return;
    after = { at: rowOf(last).updatedAt, id: rowOf(last).id };
  }
}

/** Two rows of changes as one, by their times. */
async function* inOrder(uploads: AsyncGenerator<Upload>, files: AsyncGenerator<StoredFile>): AsyncGenerator<Upload | StoredFile> {
  let [upload, file] = [await uploads.next(), await files.next()];
  while (!upload.done || !file.done) {
    const isUploadNext = !upload.done && (file.done || upload.value.updatedAt <= file.value.file.updatedAt);
    if (isUploadNext && !upload.done) {
      yield upload.value;
      upload = await uploads.next();
    } else if (!file.done) {
      yield file.value;
      file = await files.next();
    }
  }
}

function uploadMark({ id, state, updatedAt }: Upload) {
  return { key: `${id} ${state} ${updatedAt}`, at: updatedAt };
}

function fileMark({ file, blob }: StoredFile) {
  return { key: `${file.id} ${blob.state} ${file.updatedAt}`, at: file.updatedAt };
}

async function uploadChange(
  ctx: Context,
  upload: Upload,
  at: number,
  askOwner: (upload: Upload) => Promise<StatusView | undefined>,
): Promise<Change | undefined> {
  const data = await statusOf(ctx, upload, receivedAsKnown).catch((error: unknown) => {
    if (error instanceof ElsewhereError) return askOwner(upload);
    throw error;
  });
  return data && { event: "upload", data, at };
}

function fileChange(stored: StoredFile, at: number): Change {
  const isDeleted = stored.file.deletedAt !== null;
  return { event: "file", data: isDeleted ? { id: stored.file.id, deleted: true } : fileView(stored), at };
}
