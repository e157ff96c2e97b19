import { and, asc, desc, eq, gte, isNull, lt, sql } from "drizzle-orm";

import type { Catalog, Queries } from "./catalog.ts";
import { type ChangePosition, isAfter } from "./change_position.ts";
import { escapeLike, searchable } from "./names.ts";
import { files } from "./schema.ts";
import { stored, type StoredFile } from "./stored_file.ts";

/** Which of a user's living files: with ids from `from` on and less than `before`, the last id of the page before. */
export interface FileRange {
  userId: string;
  from?: string | undefined;
  before?: string | undefined;
}

/**
 * A user's living files, newest first, whose name contains `q` (case-folded). Where few do, each file of the range is looked
 * at: see {@link fileBelow}.
 */
export async function listFiles(
  db: Queries,
  { userId, q, from, before, limit }: FileRange & { q?: string | undefined; limit: number },
): Promise<StoredFile[]> {
  return await db
    .select(stored)
    // Else MySQL reads the newest rows of all for a user who owns a tenth of them, until it has enough of theirs.
    .from(files, { forceIndex: "files_list" })
    .where(
      and(
        eq(files.userId, userId),
        isNull(files.deletedAt),
        before === undefined ? undefined : lt(files.id, before),
        from === undefined ? undefined : gte(files.id, from),
        q ? sql`${files.searchName} like ${`%${escapeLike(searchable(q))}%`} escape '!'` : undefined,
      ),
    )
    .orderBy(desc(files.id))
    .limit(limit);
}

/** Id of the living file of a user before which lie `rows` newer ones, of those before `before`; from the index alone. */
export async function fileBelow(
  db: Queries,
  { userId, before, rows }: FileRange & { rows: number },
): Promise<string | undefined> {
  const [found] = await db
    .select({ id: files.id })
    .from(files, { forceIndex: "files_list" })
    .where(and(eq(files.userId, userId), isNull(files.deletedAt), before === undefined ? undefined : lt(files.id, before)))
    .orderBy(desc(files.id))
    .limit(1)
    .offset(rows);
  return found?.id;
}

/** A page of a user's files that changed after a position, deleted ones too, oldest change first. */
export async function filesChangedAfter(
  catalog: Catalog,
  userId: string,
  after: ChangePosition,
  limit: number,
): Promise<StoredFile[]> {
  return await catalog.db
    .select(stored)
    .from(files)
    .where(and(eq(files.userId, userId), isAfter(files, after)))
    .orderBy(asc(files.updatedAt), asc(files.id))
    .limit(limit);
}
