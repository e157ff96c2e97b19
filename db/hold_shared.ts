import { inArray, type SQL, sql } from "drizzle-orm";
import type { MySqlColumn, MySqlTable } from "drizzle-orm/mysql-core";

import type { Queries } from "./catalog.ts";

/**
 * Locks rows for sharing until the transaction ends, in the order of their ids: nobody changes or removes them meanwhile.
 *
 * @returns whether all of them are there, and `also` holds for each.
 */
export async function holdShared(
  tx: Queries,
  table: MySqlTable & { id: MySqlColumn },
  ids: string[],
  also: SQL = sql`true`,
): Promise<boolean> {
  const distinct = [...new Set(ids)].toSorted();
  // The words of MariaDB; drizzle's own are those of MySQL alone.
  const held = await tx
    .select({ id: table.id })
    .from(table)
    .where(sql`${inArray(table.id, distinct)} and ${also} lock in share mode`);
  return held.length === distinct.length;
}
