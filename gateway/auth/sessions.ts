import { createHash, randomBytes } from "node:crypto";

import type { Catalog, Queries } from "#db/mod.ts";
import { insertSession, isSessionLive, revokeSession, rotateRefresh, sessionOwner } from "#db/sessions.ts";
import type { User } from "#db/users.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import type { Logger } from "#lib/telemetry/mod.ts";

import type { Revocations } from "./revocations.ts";
import type { Tokens } from "./tokens.ts";

/** What a client gets to go on with. */
export interface Grant {
  /** The access token. */
  token: string;
  /** Good once, at `POST /token/refresh`. */
  refreshToken: string;
  /** Seconds until the access token expires. */
  expiresIn: number;
}

/** Sign-ins: each a chain of refresh tokens `<session id>.<secret>`, of which only the newest is good. */
export interface Sessions {
  /** Begins a session in the caller's transaction, which must also have made sure that the user is there. */
  open(tx: Queries, user: Pick<User, "id" | "username">): Promise<Grant>;
  /**
   * Trades a refresh token for a new one, and lets the session live on from now. A token that is not the newest
   * of a live session was copied by somebody: the whole session is revoked (RFC 9700, section 4.14.2).
   *
   * @throws {AppError} `unauthorized`
   */
  refresh(refreshToken: string): Promise<{ user: User; grant: Grant }>;
  /** Ends a session: its tokens are dead here at once and on every gateway within a second. Twice is as once. */
  revoke(sessionId: string): Promise<void>;
  /** Makes this gateway know of sessions that were revoked in a transaction now committed. */
  markRevoked(sessionIds: Iterable<string>): void;
}

/** What {@link createSessions} stands on. */
export interface SessionsOptions {
  catalog: Catalog;
  tokens: Tokens;
  revocations: Revocations;
  log: Logger;
  /** Milliseconds that a session lives after its last refresh. */
  ttlMs: number;
  /** Milliseconds that an access token lives. */
  tokenTtlMs: number;
  /** Epoch milliseconds. */
  now: () => number;
}

/** Sessions over the catalog's rows. */
export function createSessions({ catalog, tokens, revocations, log, ttlMs, tokenTtlMs, now }: SessionsOptions): Sessions {
  async function grant({ id, username }: Pick<User, "id" | "username">, sessionId: string, secret: string): Promise<Grant> {
    const token = await tokens.sign({ userId: id, username, sessionId });
    return { token, refreshToken: `${sessionId}.${secret}`, expiresIn: tokenTtlMs / 1000 };
  }

  async function open(tx: Queries, user: Pick<User, "id" | "username">): Promise<Grant> {
    const [id, secret, at] = [newId(), makeSecret(), now()];
    await insertSession(tx, { id, userId: user.id, refreshHash: hash(secret), createdAt: at, expiresAt: at + ttlMs });
    return grant(user, id, secret);
  }

  async function refresh(refreshToken: string): Promise<{ user: User; grant: Grant }> {
    const { id, secret } = parse(refreshToken);
    const [next, at] = [makeSecret(), now()];
    const rotation = { id, from: hash(secret), to: hash(next), at, expiresAt: at + ttlMs };
    if (!(await rotateRefresh(catalog.db, rotation))) return refuseReuse(id);
    const user = await sessionOwner(catalog.db, id);
    if (user === undefined) throw refusal(`session ${id} lost its user`);
    return { user, grant: await grant(user, id, next) };
  }

  async function refuseReuse(id: string): Promise<never> {
    if (await isSessionLive(catalog.db, id, now())) {
      log.warn({ sessionId: id }, "a refresh token came twice: its session is revoked");
      await revoke(id);
    }
    throw refusal(`not the newest refresh token of a live session: ${id}`);
  }

  async function revoke(id: string): Promise<void> {
    await revokeSession(catalog.db, id, now());
    revocations.add([id]);
  }

  return { open, refresh, revoke, markRevoked: (ids) => revocations.add(ids) };
}

function makeSecret(): string {
  return randomBytes(32).toString("base64url");
}

// 256 random bits need no salt and no slow hash.
function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function parse(refreshToken: string): { id: string; secret: string } {
  const [, id, secret] = /^([0-9A-Z]{26})\.([\w-]{43})$/.exec(refreshToken) ?? [];
  if (id === undefined || secret === undefined) throw refusal("not the shape of a refresh token");
  return { id, secret };
}

function refusal(why: string): AppError {
  return new AppError("unauthorized", "the refresh token is not valid, or no longer: sign in again", { cause: new Error(why) });
}
