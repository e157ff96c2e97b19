import { ProblemError } from "./problem_error.ts";
import { request, type RequestOptions } from "./request.ts";
import type { Session } from "./session.ts";
import type { DriveFile, DriveShare } from "./wire.ts";

/**
 * One share, for somebody who is signed in or not. Every method throws `ProblemError` or `NetworkError`.
 */
export class ShareClient {
  readonly #session: Session;
  readonly #path: string;

  constructor(session: Session, code: string) {
    this.#session = session;
    this.#path = `/share/${encodeURIComponent(code)}`;
  }

  /** @param password `null` for none. */
  async open(password: string | null): Promise<DriveShare> {
    return (await this.#send(this.#path, { headers: passwordHeader(password) })).json();
  }

  /** Into the drive of the signed-in person. */
  async save(password: string | null): Promise<DriveFile> {
    return (await this.#send(`${this.#path}/save`, { method: "POST", headers: passwordHeader(password) })).json();
  }

  /** With the token, if there is one; a session that has ended meanwhile is nobody's. */
  async #send(path: string, options: RequestOptions): Promise<Response> {
    if (this.#session.username === null) return await request(path, options);
    try {
      return await this.#session.withToken((token) => request(path, { ...options, token }));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "signed-out") throw error;
      return await request(path, options);
    }
  }
}

/** A header holds Latin-1 alone. */
function passwordHeader(password: string | null): Record<string, string> {
  return password === null ? {} : { "X-Share-Password": encodeURIComponent(password) };
}
