import { AppError, systemCode } from "../../errors/mod.ts";

/** Why there is no connection, in words that name the variable and never the password. */
export function refusal(url: URL, error: unknown): AppError {
  const reason = describe(url, error);
  return new AppError("unavailable", `AMQP_URL: no connection to RabbitMQ at ${url.host}: ${reason}`, {
    cause: redact(url, error),
  });
}

function describe(url: URL, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/ACCESS.REFUSED|\b403\b/.test(text))
    return `it refuses the password of user ${decodeURIComponent(url.username)}, or knows no such user`;
  // RabbitMQ closes the connection in answer to connection.open, and amqplib does not say why.
  if (text.startsWith("Expected ConnectionOpenOk")) return `it has no vhost ${vhostOf(url)}, or the user may not use it`;
  return systemCode(error) ?? withoutPassword(url, text);
}

function vhostOf({ pathname }: URL): string {
  return JSON.stringify(decodeURIComponent(pathname.slice(1)) || "/");
}

/** The cause is logged, too. */
function redact(url: URL, error: unknown): unknown {
  return error instanceof Error && error.message.includes(url.password) && url.password !== ""
    ? new Error(withoutPassword(url, error.message))
    : error;
}

function withoutPassword({ password }: URL, text: string): string {
  return password === "" ? text : text.replaceAll(password, "[redacted]").replaceAll(decodeURIComponent(password), "[redacted]");
}
