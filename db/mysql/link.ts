import type { Connection } from "mysql2";

import type { Queries } from "../catalog.ts";
import { Failure, statementFailure } from "./failure.ts";
import { queriesOver, type Run } from "./queries.ts";
import { within } from "./within.ts";

/** One connection. Once anything failed on it, nothing more is sent: what was begun on it may be gone. */
export interface Link {
  /** @throws {Failure} that of this statement, or the one that ended the link; and the statement's own errors. */
  run: Run;
  /** The query builder on this connection. */
  readonly db: Queries;
  /** What ended it. */
  readonly failure: Failure | undefined;
}

/** @param timeoutMs for each statement. */
export function createLink(connection: Pick<Connection, "query">, timeoutMs: number): Link {
  let failure: Failure | undefined;
  const run: Run = async (sql, params, method) => {
    if (failure) throw failure;
    try {
      const result = await within(timeoutMs, send(connection, sql, params, method), () => late(timeoutMs));
      return { rows: method === "all" && Array.isArray(result) ? result : [result] };
    } catch (error) {
      failure = error instanceof Failure ? error : statementFailure(error);
      throw failure ?? error;
    }
  };
  return {
    run,
    db: queriesOver(run),
    get failure() {
      return failure;
    },
  };
}

/** As text, not as a prepared statement: the server keeps nothing for it, and a number is a number wherever it stands. */
function send(connection: Pick<Connection, "query">, sql: string, values: unknown[], method: "all" | "execute") {
  return new Promise<unknown>((resolve, reject) => {
    connection.query({ sql, values, rowsAsArray: method === "all" }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
}

function late(ms: number): Failure {
  return new Failure("late", new Error(`no answer within ${ms} ms`));
}
