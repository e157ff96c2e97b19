import { type Placeholder, sql } from "drizzle-orm";
import type { MySqlInsertValue, MySqlTable } from "drizzle-orm/mysql-core";

import type { Queries } from "./catalog.ts";
import { prepared } from "./prepared.ts";

type Given = Record<string, string | number | null>;

/**
 * Inserts rows of one table by one statement, which is prepared once for each number of them.
 *
 * @param row one of them, of placeholders for what `rows` give.
 */
export function insertRows<T extends MySqlTable>(
  table: T,
  row: (given: (name: string) => Placeholder) => MySqlInsertValue<T>,
): (tx: Queries, rows: Given[]) => Promise<void> {
  const ofCount = prepared((db) => {
    const known = new Map<number, ReturnType<typeof build>>();
    return (count: number) => {
      const query = known.get(count) ?? build(db, count);
      known.set(count, query);
      return query;
    };
  });
  const build = (db: Queries, count: number) =>
    db
      .insert(table)
      .values(Array.from({ length: count }, (_, i) => row((name) => sql.placeholder(`${name}${i}`))))
      .prepare();
  return async (tx, rows) => {
    const values = rows.flatMap((each, i) => Object.entries(each).map(([name, value]) => [`${name}${i}`, value] as const));
    await ofCount(tx)(rows.length).execute(Object.fromEntries(values));
  };
}
