import type { Catalog } from "#db/mod.ts";
import type { Config } from "#lib/config/mod.ts";
import type { Lifecycle } from "#lib/lifecycle/mod.ts";
import type { Queue } from "#lib/queue/mod.ts";
import type { Logger } from "#lib/telemetry/mod.ts";

import type { Principal } from "../router.ts";
import { createAttempts } from "./attempts.ts";
import { createAuthenticate } from "./authenticate.ts";
import { createHopSigner, type HopSigner } from "./hops.ts";
import { loadTokenKeys } from "./keys.ts";
import { createPasswordCheck, type PasswordTry } from "./password_check.ts";
import { hashPassword } from "./passwords.ts";
import { createRevocations } from "./revocations.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createUrlSigner, type UrlSigner } from "./signed_url.ts";
import { createTokens } from "./tokens.ts";
import { createTurns } from "./turns.ts";

/** What handlers and services need of users and tokens. */
export interface Auth {
  /**
   * Whose access token this is.
   *
   * @throws {AppError} `unauthorized` (with a `cause`) when it is expired, revoked, or none of ours; `unavailable`
   * when that cannot be told because the catalog cannot be read.
   */
  authenticate(token: string): Promise<Principal>;
  /** The same at once, where the token was verified before and nobody has to be asked; `undefined` says nothing of it. */
  known(token: string): Principal | undefined;
  /**
   * The argon2id hash of a new password, in its turn.
   *
   * @throws {AppError} `unavailable` when too many passwords wait already.
   */
  hashPassword(password: string): Promise<string>;
  /**
   * Whether the password is right; every wrong one counts against the user and the address.
   *
   * @throws {AppError} `too-many-attempts` after too many wrong ones, `unavailable` when too many passwords wait already.
   */
  checkPassword(attempt: PasswordTry): Promise<boolean>;
  sessions: Sessions;
  /** Signs and checks `/file/download?id=&expires=&signature=`. */
  downloadUrls: UrlSigner;
  /** Signs and checks `/share/<id>/download?expires=&signature=`. */
  shareUrls: UrlSigner;
  /** Signs and checks what one gateway sends on to another. */
  hops: HopSigner;
}

/** What {@link createAuth} stands on. */
export interface AuthPorts {
  config: Pick<Config, "DATA_DIR" | "TOKEN_KEYS" | "TOKEN_TTL" | "REFRESH_TTL" | "PASSWORD_PARALLEL">;
  catalog: Catalog;
  lifecycle: Lifecycle;
  log: Logger;
  /** By which gateways tell each other of revocations at once. */
  queue?: Pick<Queue, "notify" | "onNotify">;
  /** Epoch milliseconds. */
  now: () => number;
}

/**
 * Loads (or makes) the token keys and begins to follow revocations; both end with the lifecycle.
 *
 * @throws {AppError} `invalid-request` when the keys cannot be parsed; a system error when their file cannot be read.
 */
export async function createAuth(ports: AuthPorts): Promise<Auth> {
  const { config, now } = ports;
  const keys = await loadTokenKeys(config);
  const tokens = await createTokens({ keys, ttlMs: config.TOKEN_TTL, now });
  const revocations = createRevocations({ ...ports, keepMs: config.TOKEN_TTL, ...(ports.queue && { hints: ports.queue }) });
  const inTurn = createTurns(config.PASSWORD_PARALLEL);
  return {
    ...createAuthenticate(tokens, revocations),
    hashPassword: (password) => inTurn(() => hashPassword(password)),
    checkPassword: createPasswordCheck({ inTurn, attempts: createAttempts(ports) }),
    sessions: createSessions({ ...ports, tokens, revocations, ttlMs: config.REFRESH_TTL, tokenTtlMs: config.TOKEN_TTL }),
    downloadUrls: createUrlSigner(keys, now),
    shareUrls: createUrlSigner(keys, now, "share-url"),
    hops: createHopSigner(keys, now),
  };
}
