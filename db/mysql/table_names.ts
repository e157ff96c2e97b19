import { getTableName, is } from "drizzle-orm";
import { MySqlTable } from "drizzle-orm/mysql-core";

import * as schema from "../schema.ts";

/** The names of the catalog's tables. */
export const tableNames: string[] = Object.values(schema).flatMap((table) =>
  is(table, MySqlTable) ? [getTableName(table)] : [],
);
