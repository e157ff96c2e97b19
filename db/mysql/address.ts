import { AppError } from "#lib/errors/mod.ts";

/** A server's address. */
export interface Address {
  /** With the password: not to be told. */
  uri: string;
  /** `host:port`, for people. */
  host: string;
  database: string;
}

/**
 * Reads `mysql://user:password@host:port/database`; further options are mysql2's, such as `?ssl={}`.
 *
 * @param variable that it came from.
 * @throws {AppError} `invalid-request`, without the text: it may hold a password.
 */
export function readAddress(variable: string, uri: string): Address {
  const url = URL.parse(uri);
  const database = decodeURIComponent(url?.pathname.slice(1) ?? "");
  if (url?.protocol === "mysql:" && url.hostname !== "" && database !== "")
    return { uri, host: `${url.hostname}:${url.port || "3306"}`, database };
  throw new AppError("invalid-request", `${variable}: must be mysql://user:password@host:port/database`);
}
