import { z } from "zod";

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
 * Reads `mysql://user:password@host:port/database`; further options are mysql2's, such as `?ssl={}` for TLS. With that the
 * server's name is checked, too, which mysql2 leaves out by default: any certificate of the same authority would do.
 *
 * @param variable that it came from.
 * @throws {AppError} `invalid-request`, without the text: it may hold a password.
 */
export function readAddress(variable: string, uri: string): Address {
  const url = URL.parse(uri);
  const database = decode(url?.pathname.slice(1) ?? "");
  if (url?.protocol !== "mysql:" || url.hostname === "" || database === "")
    throw new AppError("invalid-request", `${variable}: must be mysql://user:password@host:port/database`);
  const host = `${url.hostname}:${url.port || "3306"}`;
  const ssl = url.searchParams.get("ssl");
  if (ssl === null) return { uri, host, database };
  url.searchParams.set("ssl", JSON.stringify(readTls(variable, ssl)));
  return { uri: url.href, host, database };
}

/** The name of a database; empty where it cannot be read. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function readTls(variable: string, text: string): Record<string, unknown> {
  try {
    const options = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    return { verifyIdentity: options["rejectUnauthorized"] !== false, ...options };
  } catch {
    throw new AppError("invalid-request", `${variable}: ssl must be a JSON object of options of TLS, such as {}`);
  }
}
