import { expect, test } from "bun:test";

import {
  connectFailure,
  Failure,
  failureIn,
  isReadOnly,
  isUnreachable,
  reasonOf,
  statementFailure,
  unavailable,
} from "./failure.ts";

/** An error as mysql2 makes it. */
const driverError = (fields: { errno?: number; code?: string; fatal?: boolean }) =>
  Object.assign(new Error(`driver: ${fields.code ?? fields.errno}`), fields);

test.each([
  [{ errno: 1213, code: "ER_LOCK_DEADLOCK" }, "conflict"],
  [{ errno: 1205, code: "ER_LOCK_WAIT_TIMEOUT" }, "conflict"],
  [{ errno: 1290, code: "ER_OPTION_PREVENTS_STATEMENT" }, "refused"],
  [{ errno: 1053, code: "ER_SERVER_SHUTDOWN" }, "refused"],
  [{ errno: 1927 }, "lost"],
  [{ code: "PROTOCOL_CONNECTION_LOST", fatal: true }, "lost"],
  [{ errno: -104, code: "ECONNRESET" }, "lost"],
  [{ fatal: true }, "lost"],
  [{ errno: 1969 }, "late"],
] as const)("in a statement, %j is %s", (fields, kind) => {
  const error = driverError(fields);
  expect(statementFailure(error)).toMatchObject({ kind, cause: error });
});

test.each([{ errno: 1062, code: "ER_DUP_ENTRY" }, { errno: 1064, code: "ER_PARSE_ERROR" }, {}])(
  "in a statement, %j is the statement's own",
  (fields) => expect(statementFailure(driverError(fields))).toBeUndefined(),
);

test("whatever ends a connection that is being made, nothing was done yet", () => {
  for (const fields of [{ code: "ECONNREFUSED" }, { code: "PROTOCOL_CONNECTION_LOST", fatal: true }, { errno: 1040 }, {}])
    expect(connectFailure(driverError(fields)).kind).toBe("refused");
  expect(connectFailure(new Failure("lost", driverError({ errno: 1927 }))).kind).toBe("refused");
  expect(connectFailure(new Failure("late", driverError({}))).kind).toBe("late");
  expect(connectFailure(driverError({ errno: 1045, fatal: true })).kind).toBe("denied");
});

test("a server is away when the network says so, and not when it does", () => {
  expect(isUnreachable(connectFailure(driverError({ code: "ECONNREFUSED" })))).toBe(true);
  expect(isUnreachable(new Failure("lost", driverError({ code: "ECONNRESET" })))).toBe(true);
  for (const errno of [1040, 1045, 1290]) expect(isUnreachable(connectFailure(driverError({ errno, code: "ER" })))).toBe(false);
  expect(isUnreachable(new Failure("late", driverError({ code: "ETIMEDOUT" })))).toBe(false);
});

test("knows what is read-only", () => {
  expect([1290, 1836, 1053].map((errno) => isReadOnly(new Failure("refused", driverError({ errno }))))).toEqual([
    true,
    true,
    false,
  ]);
});

test("is found among causes, and its reason is the driver's", () => {
  const failure = new Failure("lost", driverError({ code: "EPIPE" }));
  const wrapped = new Error("Failed query: select secret", { cause: failure });
  expect(failureIn(wrapped)).toBe(failure);
  expect(failureIn(new Error("other"))).toBeUndefined();
  expect(reasonOf(wrapped)).toBe("driver: EPIPE");
  expect(unavailable(failure)).toMatchObject({ code: "unavailable", cause: failure.cause });
});
