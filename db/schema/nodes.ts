import { mysqlTable, varchar } from "drizzle-orm/mysql-core";

import { id, millis } from "./columns.ts";

/** The gateways: where the others reach each. One that did not say so for a while is taken for dead. */
export const nodes = mysqlTable("nodes", {
  id: id("id").primaryKey(),
  /** Base URL that other gateways reach it by. */
  url: varchar("url", { length: 255 }).notNull(),
  seenAt: millis("seen_at").notNull(),
});

/**
 * Written to the primary by each process that reads from replicas, each its own row, and read back on the replica: what the
 * replica shows is as old as the time that stands there, told by the clock that wrote it.
 */
export const heartbeats = mysqlTable("heartbeats", {
  id: id("id").primaryKey(),
  at: millis("at").notNull(),
});
