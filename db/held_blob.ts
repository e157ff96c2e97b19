import { and, eq, isNull, sql } from "drizzle-orm";

import type { Queries } from "./catalog.ts";
import { prepared } from "./prepared.ts";
import { blobs, files } from "./schema.ts";
import type { BlobPlace } from "./stored_file.ts";

/**
 * By a subquery, not a join: of a user with thousands of files of one content MariaDB reads the blobs first, all of them, and looks for
 * each whether it is the one (30 ms among 30,000).
 */
const bySha1 = prepared((db) => {
  const blobId = db
    .select({ id: files.blobId })
    .from(files)
    .where(and(eq(files.userId, sql.placeholder("userId")), eq(files.sha1, sql.placeholder("sha1")), isNull(files.deletedAt)))
    .limit(1);
  return db
    .select({
      id: blobs.id,
      size: blobs.size,
      sha256: blobs.sha256,
      state: blobs.state,
      spoolId: blobs.spoolId,
      node: blobs.node,
      store: blobs.store,
      key: blobs.key,
    })
    .from(blobs)
    .where(eq(blobs.id, blobId))
    .prepare();
});

/**
 * The blob of a content of which the user has a living file. Whichever file is found: of one content one blob lives, and as long
 * as a file of it does.
 */
export async function heldBlob(db: Queries, userId: string, sha1: string): Promise<BlobPlace | undefined> {
  return (await bySha1(db).execute({ userId, sha1 }))[0];
}
