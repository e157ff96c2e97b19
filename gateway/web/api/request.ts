import { NetworkError } from "./network_error.ts";
import { ProblemError } from "./problem_error.ts";

/** What a request may carry beside its path. */
export interface RequestOptions {
  method?: string;
  /** Sent as JSON. */
  body?: unknown;
  token?: string | undefined;
  signal?: AbortSignal | undefined;
  accept?: string;
  /** More header fields. */
  headers?: Record<string, string>;
}

/**
 * Sends one request to the drive.
 *
 * @throws {ProblemError} When the answer is not 2xx.
 * @throws {NetworkError} When there is no answer.
 * @throws {DOMException} `AbortError` when `signal` ends it.
 */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const response = await send(path, options);
  if (response.ok) return response;
  throw ProblemError.parse(response.status, await response.text(), response.headers.get("Retry-After"));
}

async function send(
  path: string,
  { method = "GET", body, token, signal, accept = "application/json", headers: more = {} }: RequestOptions,
): Promise<Response> {
  const headers = new Headers({ ...more, Accept: accept });
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  try {
    const payload = body === undefined ? null : JSON.stringify(body);
    return await fetch(path, { method, headers, body: payload, signal: signal ?? null, cache: "no-store", credentials: "omit" });
  } catch (error) {
    signal?.throwIfAborted();
    throw new NetworkError(error);
  }
}
