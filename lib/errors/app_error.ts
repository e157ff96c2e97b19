import type { Code } from "./code.ts";

/** What an {@link AppError} carries beside its code and text. */
export interface AppErrorOptions {
  /** What went wrong underneath; logged, never sent to a client. */
  cause?: unknown;
  /** Members added to the problem document, such as `missing` (RFC 9457, section 3.2). */
  extra?: Record<string, unknown>;
  /** Seconds after which asking again makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** Further headers of the answer, such as `Content-Range` of a 416. */
  headers?: Record<string, string>;
}

/**
 * The one error that Sluice throws on purpose. Its `message` is written for the client: it names the action,
 * quotes the value, and says what stands against what must be.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: Code;
  readonly extra: Record<string, unknown>;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Record<string, string>;

  constructor(code: Code, message: string, options: AppErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.extra = options.extra ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
  }
}

/** Whether `error` is an {@link AppError} with one of `codes` (any code when none is named). */
export function isAppError(error: unknown, ...codes: Code[]): error is AppError {
  return error instanceof AppError && (codes.length === 0 || codes.includes(error.code));
}
