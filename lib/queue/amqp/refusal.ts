import { AppError, systemCode } from "../../errors/mod.ts";

/** @throws {AppError} `invalid-request`; the parser's own error would repeat what it could not parse, password and all. */
export function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url) return url;
  throw new AppError("invalid-request", "AMQP_URL: this is no URL; it must be like amqp://user:password@host:5672/vhost");
}

/** Why there is no connection, in words that name the variable and never the password. */
export function refusal(url: URL, error: unknown): AppError {
  const reason = describe(url, error);
  return new AppError("unavailable", `AMQP_URL: no connection to RabbitMQ at ${url.host}: ${reason}`, {
    cause: redact(url, error),
  });
}

/**
 * Whether the broker has refused an operation itself, and would do so again: the user may not (403), there is no such thing (404), it is
 * somebody's own (405) or of another kind (406). What ends in any other way may go well on the next connection.
 */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "number" && error.code >= 403 && error.code <= 406;
}

function describe(url: URL, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/ACCESS.REFUSED|\b403\b/.test(text))
    return `it refuses the password of user ${decode(url.username)}, or knows no such user`;
  // RabbitMQ closes the connection in answer to connection.open, and amqplib does not say why.
  if (text.startsWith("Expected ConnectionOpenOk")) return `it has no vhost ${vhostOf(url)}, or the user may not use it`;
  return systemCode(error) ?? withoutPassword(url, text);
}

function vhostOf({ pathname }: URL): string {
  return JSON.stringify(decode(pathname.slice(1)) || "/");
}

/** The cause is logged, too. */
function redact(url: URL, error: unknown): unknown {
  return error instanceof Error && error.message.includes(url.password) && url.password !== ""
    ? new Error(withoutPassword(url, error.message))
    : error;
}

function withoutPassword({ password }: URL, text: string): string {
  return password === "" ? text : text.replaceAll(password, "[redacted]").replaceAll(decode(password), "[redacted]");
}

/** A password may have a percent sign that stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
