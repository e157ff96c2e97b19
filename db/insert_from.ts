import { getTableColumns, type Placeholder, type SQL, sql, type SQLWrapper } from "drizzle-orm";
import type { MySqlTable } from "drizzle-orm/mysql-core";

import type { Queries } from "./catalog.ts";

/** What is inserted into each column; those that are left out are NULL. */
type Selected<T extends MySqlTable> = Partial<Record<keyof T["$inferInsert"], SQLWrapper | Placeholder | string | number>>;

/**
 * Inserts a row for each that `source` (`from … where …`) finds: a row that may only be there while another is, by one statement,
 * which commits by itself, instead of a transaction that looks first.
 *
 * What is found is locked until that commit, for sharing: any number may do the same at once, and who is about to delete or to
 * change what was found waits for them, or they wait and find it gone. The lock has to be asked for: under read committed MySQL
 * reads for an insert what was there when it began. The words are those that MariaDB knows, too (SQLite is not shown them).
 */
export function insertFrom<T extends MySqlTable>(db: Queries, table: T, selected: Selected<T>, source: SQL) {
  const given: Partial<Record<string, unknown>> = selected;
  const values = Object.keys(getTableColumns(table)).map((name) => sql`${given[name] ?? sql`null`}`);
  return db.insert(table).select(sql`select ${sql.join(values, sql`, `)} ${source} lock in share mode`);
}
