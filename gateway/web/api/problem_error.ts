/** The drive answered and refused (a problem document, RFC 9457); `message` is its `detail`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  /** A word of the drive's closed list; `""` when a proxy answered in its own words. */
  readonly code: string;
  /** Milliseconds that `Retry-After` asks for, if it does. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, detail: string, retryAfterMs?: number) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** Reads the parts of an answer that is not 2xx. */
  static parse(status: number, body: string, retryAfter: string | null): ProblemError {
    const problem = parseObject(body);
    const detail = text(problem["detail"]) ?? text(problem["title"]) ?? `The drive answered ${status}.`;
    return new ProblemError(status, text(problem["code"]) ?? "", detail, retryAfterOf(retryAfter));
  }
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // A proxy's own error page is HTML: the status says all there is to know.
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** RFC 9110, section 10.2.3: "Retry-After = HTTP-date / delay-seconds". */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
