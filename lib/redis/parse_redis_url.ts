import { AppError } from "../errors/mod.ts";

/** What a Redis URL says, as ioredis takes it. */
export interface RedisAddress {
  host: string;
  port: number;
  username?: string;
  password?: string;
  /** Number of the database. */
  db: number;
  tls?: Record<string, never>;
}

/**
 * Reads `redis://[[user]:password@]host[:port][/db]`, or `rediss:` for TLS: the provisional IANA scheme, less its query.
 * User and password are percent-decoded. ioredis's own reader takes any setting of the client from the query, and a
 * database that is no number for 0.
 *
 * @throws {AppError} `invalid-request`, without the URL, which may hold a password.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.parse(text);
  const db = /^\/?$|^\/(\d{1,5})$/.exec(url?.pathname ?? "-");
  const isRedis = url?.protocol === "redis:" || url?.protocol === "rediss:";
  if (url === null || !isRedis || url.hostname === "" || db === null || url.search !== "" || url.hash !== "") {
    throw new AppError(
      "invalid-request",
      "REDIS_URL: must be redis://[[user]:password@]host[:port][/database number] or rediss://…",
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 6379 : Number(url.port),
    ...(url.username !== "" && { username: decode(url.username) }),
    ...(url.password !== "" && { password: decode(url.password) }),
    db: Number(db[1] ?? 0),
    ...(url.protocol === "rediss:" && { tls: {} }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppError("invalid-request", "REDIS_URL: a % of its user or password is not followed by two hex digits (write %25)");
  }
}
