import type { MySqlDatabase, MySqlQueryResultHKT, PreparedQueryHKTBase } from "drizzle-orm/mysql-core";

import type * as schema from "./schema.ts";

/** The query builder, on whichever engine: drizzle's MySQL dialect over `db/schema.ts`. */
export type Queries = MySqlDatabase<MySqlQueryResultHKT, PreparedQueryHKTBase, typeof schema>;

/** The catalog: every row of the drive. Functions that read or change it lie beside this file, one file per table. */
export interface Catalog {
  /** Which engine this is, for start-up lines and `readyz`. */
  readonly engine: string;
  /** The primary: what was committed is seen. */
  readonly db: Queries;
  /**
   * A number that stays the same as long as nothing is committed to the catalog, by this process or, before this turn of the
   * event loop, by another: what was read under it still holds. Only of an engine that tells it in a microsecond.
   */
  version?(): number;
  /** Whether writes that wait share a commit by themselves. */
  readonly sharesCommits?: true;
  /**
   * Reads on behalf of a user, who sees all that they wrote themselves: from a replica where there is a fresh one, else from
   * the primary. What others wrote may be seen up to two seconds late. Where the replica fails, `run` is run anew on the
   * primary, so it must do nothing but read.
   */
  read<T>(userId: string, run: (db: Queries) => Promise<T>): Promise<T>;
  /**
   * Whether a read on behalf of that user may show what stood a moment ago, as one from a replica may: they changed nothing
   * lately. Only of an engine that has replicas.
   */
  mayLag?(userId: string): boolean | Promise<boolean>;
  /**
   * Runs `run` in a transaction: all of it or nothing. Use only the queries handed in; do not nest. MySQL runs it anew
   * after a deadlock or a lost connection, so let it change nothing but rows.
   *
   * @throws {AppError} `unavailable` when the engine is away.
   */
  transaction<T>(run: (tx: Queries) => Promise<T>): Promise<T>;
  /** Rejects when the engine cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
