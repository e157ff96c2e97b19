import { mysqlTable, varchar } from "drizzle-orm/mysql-core";

import { id, lease } from "./columns.ts";

/** How far somebody has come who goes through all rows of a kind again and again, one at a time in the whole cluster. */
export const cursors = mysqlTable("cursors", {
  /** Who: `scrub`. */
  id: id("id").primaryKey(),
  /** Always `due`: `leaseUntil` says when. */
  state: varchar("state", { length: 16 }).$type<"due">().notNull(),
  /** The id of the last row that was looked at; empty at the beginning. */
  position: varchar("position", { length: 26 }).notNull(),
  ...lease,
});
