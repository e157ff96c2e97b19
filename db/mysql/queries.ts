import {
  createTableRelationsHelpers,
  DrizzleQueryError,
  type ExtractTablesWithRelations,
  extractTablesRelationalConfig,
} from "drizzle-orm";
import { MySqlDialect, type MySqlPreparedQueryConfig } from "drizzle-orm/mysql-core";
import { MySqlRemoteDatabase, MySqlRemoteSession } from "drizzle-orm/mysql-proxy";

import { AppError } from "#lib/errors/mod.ts";

import * as schema from "../schema.ts";

/** Runs a statement: `all` gives its rows as arrays, `execute` gives the driver's header as the only row. */
export type Run = (sql: string, params: unknown[], method: "all" | "execute") => Promise<{ rows: unknown[] }>;

type Tables = ExtractTablesWithRelations<typeof schema>;

const { tables, tableNamesMap } = extractTablesRelationalConfig<Tables>(schema, createTableRelationsHelpers);
const relational = { fullSchema: schema, schema: tables, tableNamesMap };
const dialect = new MySqlDialect();

/** The query builder over what runs statements. An {@link AppError} thrown there comes out as it is. */
export function queriesOver(run: Run): MySqlRemoteDatabase<typeof schema> {
  return new MySqlRemoteDatabase<typeof schema>(dialect, new Session(run, dialect, relational, {}), relational, "default");
}

/** drizzle wraps whatever a statement throws: nobody could tell a database that is away from a fault in the statement. */
class Session extends MySqlRemoteSession<typeof schema, Tables> {
  override prepareQuery<T extends MySqlPreparedQueryConfig>(
    ...args: Parameters<MySqlRemoteSession<typeof schema, Tables>["prepareQuery"]>
  ) {
    const query = super.prepareQuery<T>(...args);
    const execute = query.execute.bind(query);
    query.execute = async (values) => {
      try {
        return await execute(values);
      } catch (error) {
        throw error instanceof DrizzleQueryError && error.cause instanceof AppError ? error.cause : error;
      }
    };
    return query;
  }
}
