/** Who is signed in on this browser; all tabs share it. */
export interface SavedSession {
  username: string;
  /** Good once: each refresh gives the next one. */
  refreshToken: string;
}

/** The key of the record in localStorage; a `storage` event with it tells of another tab's sign-in or sign-out. */
export const sessionKey = "sluice.session";

/** Keeps the refresh token over reloads. The access token stays in memory. */
export class TokenStore {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  read(): SavedSession | null {
    const [username, refreshToken] = (this.#storage.getItem(sessionKey) ?? "").split("\n");
    return username && refreshToken ? { username, refreshToken } : null;
  }

  write(session: SavedSession): void {
    this.#storage.setItem(sessionKey, `${session.username}\n${session.refreshToken}`);
  }

  clear(): void {
    this.#storage.removeItem(sessionKey);
  }
}
