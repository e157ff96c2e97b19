import { ProblemError } from "./problem_error.ts";
import type { Lock } from "./refresh_lock.ts";
import type { RequestOptions } from "./request.ts";
import type { SavedSession, TokenStore } from "./token_store.ts";
import type { Grant } from "./wire.ts";

/** What a {@link Session} works with. */
export interface SessionParts {
  store: TokenStore;
  lock: Lock;
  /** Sends a request; as `request.ts` does. */
  send: (path: string, options: RequestOptions) => Promise<Response>;
  /** Called once when the drive no longer takes the session, not at {@link Session.signOut}. */
  onEnded: () => void;
}

/** A token is renewed this long before it expires, so that a chunk's request never outlives it. */
const marginMs = 20_000;

/** The signed-in person: hands out access tokens and renews them, one refresh at a time over all tabs. */
export class Session {
  readonly #parts: SessionParts;
  #access: { token: string; goodUntil: number } | null = null;
  #refreshing: Promise<string> | null = null;
  #username: string | null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#username = parts.store.read()?.username ?? null;
  }

  /** `null` when nobody is signed in. */
  get username(): string | null {
    return this.#username;
  }

  async signUp(username: string, password: string, email: string): Promise<void> {
    const body = email === "" ? { username, password } : { username, password, email };
    this.#keep(await this.#post("/user", body));
  }

  async signIn(username: string, password: string): Promise<void> {
    this.#keep(await this.#post(`/user/${encodeURIComponent(username)}`, { password }));
  }

  /** Ends the session on the drive, and here even when the drive cannot be told. */
  async signOut(): Promise<void> {
    try {
      await this.withToken((token) => this.#parts.send("/token", { method: "DELETE", token }));
    } finally {
      this.#forget();
    }
  }

  /**
   * Runs `task` with an access token; when the drive refuses it (401), once more with a new one.
   *
   * @throws {ProblemError} 401 when the session has ended; and whatever `task` throws.
   */
  async withToken<T>(task: (token: string) => Promise<T>): Promise<T> {
    const access = this.#access;
    const token = access && Date.now() < access.goodUntil ? access.token : await this.#renew(access?.token);
    try {
      return await task(token);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      return await task(await this.#renew(token));
    }
  }

  /** A new access token in place of `refused`; callers at the same time share one refresh. */
  #renew(refused: string | undefined): Promise<string> {
    if (this.#access && this.#access.token !== refused) return Promise.resolve(this.#access.token);
    this.#refreshing ??= this.#parts.lock(() => this.#refresh()).finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refresh(): Promise<string> {
    const saved = this.#saved();
    try {
      return this.#keep(await this.#post("/token/refresh", { refreshToken: saved.refreshToken }), saved.username);
    } catch (error) {
      throw isUnauthorized(error) ? this.#end() : error;
    }
  }

  /** The newest refresh token, which another tab may have written, as long as it is the same person's. */
  #saved(): SavedSession {
    const saved = this.#parts.store.read();
    if (saved && saved.username === this.#username) return saved;
    throw this.#end();
  }

  async #post(path: string, body: unknown): Promise<Grant> {
    return (await this.#parts.send(path, { method: "POST", body })).json();
  }

  #keep(grant: Grant, username: string = grant.user.username): string {
    this.#username = username;
    const lifeMs = grant.expiresIn * 1000;
    // A life shorter than two margins still leaves half of it for use.
    this.#access = { token: grant.token, goodUntil: Date.now() + lifeMs - Math.min(marginMs, lifeMs / 2) };
    this.#parts.store.write({ username, refreshToken: grant.refreshToken });
    return grant.token;
  }

  /** Ends the session here; what to throw then. */
  #end(): ProblemError {
    if (this.#username !== null) {
      this.#forget();
      this.#parts.onEnded();
    }
    return new ProblemError(401, "signed-out", "You are signed out. Sign in again.");
  }

  #forget(): void {
    // Another person's session in another tab is theirs to end.
    if (this.#parts.store.read()?.username === this.#username) this.#parts.store.clear();
    this.#access = null;
    this.#username = null;
  }
}

/** Of the token, not of the password of a share. */
function isUnauthorized(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 401 && error.code !== "password-required";
}
