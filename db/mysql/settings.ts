const sqlMode = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

/**
 * What each connection begins with, whatever the server's own defaults are.
 *
 * - Read committed: what waited for a row's lock sees what the holder of it wrote, and gaps between rows are not locked.
 * - A wait for a row's lock ends before the statement's own time does, so that it is told apart and tried again.
 * - A statement that nobody waits for any more is ended by the server, too. (`/*M!` is MariaDB's, and it passes over what
 *   is for 5.7.)
 */
export function settings({ timeoutMs, readOnly }: { timeoutMs: number; readOnly: boolean }): string[] {
  const lockSeconds = Math.min(3, Math.max(1, Math.floor((timeoutMs * 0.6) / 1000)));
  const endMs = timeoutMs + 1000;
  return [
    `set session transaction isolation level read committed, ${readOnly ? "read only" : "read write"}`,
    `set session sql_mode = '${sqlMode}', innodb_lock_wait_timeout = ${lockSeconds}` +
      ` /*M!, max_statement_time = ${endMs / 1000} */ /*!50708 , max_execution_time = ${endMs} */`,
  ];
}
