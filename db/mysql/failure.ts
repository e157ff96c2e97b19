import { AppError, systemCode } from "#lib/errors/mod.ts";

/**
 * What a database that cannot do a statement now means for who asked:
 * - `conflict`: another transaction stood in the way, and this one was undone. Run anew, it may well succeed.
 * - `refused`: nothing was done, since no connection could be made, or the server takes no writes.
 * - `lost`: the connection ended before the answer. Whether the statement was done is not known.
 * - `late`: no answer within its time. The same, but trying again would only wait longer.
 * - `busy`: too many wait for a connection already.
 * - `denied`: the server does not let this user in, or has no such database.
 */
export type FailureKind = "conflict" | "refused" | "lost" | "late" | "busy" | "denied";

/** A statement that the database could not do; any other error of a statement is the statement's own. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.kind = kind;
  }
}

/** By the server's error number: mysql2 has no names for those that only MariaDB sends. */
const byNumber = new Map<number, FailureKind>([
  [1020, "conflict"], // ER_CHECKREAD: changed since it was read (MariaDB's innodb_snapshot_isolation)
  [1205, "conflict"], // ER_LOCK_WAIT_TIMEOUT
  [1213, "conflict"], // ER_LOCK_DEADLOCK
  [1040, "refused"], // ER_CON_COUNT_ERROR
  [1053, "refused"], // ER_SERVER_SHUTDOWN
  [1203, "refused"], // ER_TOO_MANY_USER_CONNECTIONS
  [1226, "refused"], // ER_USER_LIMIT_REACHED
  [1290, "refused"], // ER_OPTION_PREVENTS_STATEMENT: a primary that was demoted is read-only
  [1836, "refused"], // ER_READ_ONLY_MODE
  [1927, "lost"], // ER_CONNECTION_KILLED (MariaDB)
  [4031, "lost"], // ER_CLIENT_INTERACTION_TIMEOUT: an idle connection was closed
  [1317, "late"], // ER_QUERY_INTERRUPTED
  [1969, "late"], // ER_STATEMENT_TIMEOUT (MariaDB)
  [3024, "late"], // ER_QUERY_TIMEOUT
  [1044, "denied"], // ER_DBACCESS_DENIED_ERROR
  [1045, "denied"], // ER_ACCESS_DENIED_ERROR
  [1049, "denied"], // ER_BAD_DB_ERROR
  [1130, "denied"], // ER_HOST_NOT_PRIVILEGED
]);

/** What the network says of a server that is away. */
const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "PROTOCOL_CONNECTION_LOST",
]);

/** What an error of a statement means, or `undefined` where it is the statement's own. */
export function statementFailure(error: unknown): Failure | undefined {
  const { errno, fatal } = fieldsOf(error);
  const kind = byNumber.get(errno);
  if (kind !== undefined) return new Failure(kind, error);
  return fatal || unreachable.has(systemCode(error) ?? "") ? new Failure("lost", error) : undefined;
}

/** What an error of connecting means: whatever it was, nothing was done yet. */
export function connectFailure(error: unknown): Failure {
  if (error instanceof Failure) return error.kind === "lost" ? new Failure("refused", error.cause) : error;
  return new Failure(byNumber.get(fieldsOf(error).errno) === "denied" ? "denied" : "refused", error);
}

/** Whether a server is away, as far as the network can tell, and not merely unwilling. */
export function isUnreachable(failure: Failure): boolean {
  return (failure.kind === "refused" || failure.kind === "lost") && unreachable.has(systemCode(failure) ?? "");
}

/** Whether the server takes no writes. */
export function isReadOnly(failure: Failure): boolean {
  const { errno } = fieldsOf(failure.cause);
  return errno === 1290 || errno === 1836;
}

/** The failure among the causes of an error, if there is one. */
export function failureIn(error: unknown): Failure | undefined {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof Failure) return e;
  return undefined;
}

/** What the driver says; the errors around it hold whole statements. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || (systemCode(error) ?? error.name);
}

/** A failure as those who use the catalog see it. */
export function unavailable(failure: Failure): AppError {
  const { kind, cause } = failure;
  if (kind === "conflict")
    return new AppError("unavailable", "too many change the same thing at once: try again in a second", {
      cause,
      retryAfterSeconds: 1,
    });
  return new AppError("unavailable", "the database does not answer now: try again in a few seconds", {
    cause,
    retryAfterSeconds: 5,
  });
}

function fieldsOf(error: unknown): { errno: number; fatal: boolean } {
  if (!(error instanceof Error)) return { errno: 0, fatal: false };
  return {
    errno: "errno" in error ? Number(error.errno) : 0,
    fatal: "fatal" in error && error.fatal === true,
  };
}
