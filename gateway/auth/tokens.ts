import { errors, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";

import { AppError } from "#lib/errors/mod.ts";

import type { Principal } from "../router.ts";
import type { TokenKey, TokenKeys } from "./keys.ts";

/** Signs and verifies access tokens: JWTs (RFC 7519) under HMAC-SHA-256. */
export interface Tokens {
  sign(principal: Principal): Promise<string>;
  /**
   * Who the token was signed for. Says nothing of revocation.
   *
   * @throws {AppError} `unauthorized`, with a `cause`.
   */
  verify(token: string): Promise<Principal>;
  /** The same at once, for a good token that was verified before; `undefined` says nothing of the token. */
  known(token: string): Principal | undefined;
}

interface Verified {
  principal: Principal;
  /** Epoch milliseconds. */
  expiresAt: number;
}

const issuer = "sluice";
const audience = "sluice";
/** About 1 KiB each. */
const cachedTokens = 20_000;

/**
 * Tokens that live for `ttlMs`. What was verified once is remembered until it expires: jose's verify costs more
 * than the rest of a small request.
 */
export async function createTokens(options: { keys: TokenKeys; ttlMs: number; now: () => number }): Promise<Tokens> {
  const { keys, ttlMs, now } = options;
  const byKid = new Map(await Promise.all(keys.map(async (key) => [key.kid, await importKey(key)] as const)));
  const cache = new LRUCache<string, Verified>({ max: cachedTokens });

  function keyOf({ kid }: { kid?: string }): CryptoKey {
    const key = kid === undefined ? undefined : byKid.get(kid);
    if (key === undefined) throw new errors.JWSInvalid(`no key has the kid ${JSON.stringify(kid)}`);
    return key;
  }

  async function sign({ userId, username, sessionId }: Principal): Promise<string> {
    const { kid } = keys[0];
    return new SignJWT({ sid: sessionId, name: username })
      .setProtectedHeader({ alg: "HS256", typ: "JWT", kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(userId)
      .setIssuedAt(now() / 1000)
      .setExpirationTime((now() + ttlMs) / 1000)
      .sign(keyOf({ kid }));
  }

  async function verify(token: string): Promise<Principal> {
    let verified = cache.get(token);
    if (verified === undefined) cache.set(token, (verified = await verifyFirst(token)));
    if (verified.expiresAt > now()) return verified.principal;
    cache.delete(token);
    throw refusal(new errors.JWTInvalid(`it expired at ${new Date(verified.expiresAt).toISOString()}`));
  }

  async function verifyFirst(token: string): Promise<Verified> {
    try {
      // RFC 8725, section 3.1: the algorithm is ours to choose, never the token's.
      const { payload } = await jwtVerify<{ name: unknown; sid: unknown }>(token, keyOf, {
        algorithms: ["HS256"],
        issuer,
        audience,
        currentDate: new Date(now()),
        requiredClaims: ["sub", "sid", "name", "exp"],
      });
      return readClaims(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refusal(error);
      throw error;
    }
  }

  function known(token: string): Principal | undefined {
    const verified = cache.get(token);
    return verified !== undefined && verified.expiresAt > now() ? verified.principal : undefined;
  }

  return { sign, verify, known };
}

function importKey({ secret }: TokenKey): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/** Times of a token may have fractions of a second (RFC 7519, section 2, NumericDate): so a life is exact to the millisecond. */
function readClaims({ sub, sid, name, exp }: { sub?: string; sid?: unknown; name?: unknown; exp?: number }): Verified {
  if (typeof sub !== "string" || typeof sid !== "string" || typeof name !== "string" || exp === undefined) {
    throw new errors.JWTInvalid("a claim is missing or of another type");
  }
  return { principal: { userId: sub, username: name, sessionId: sid }, expiresAt: Math.round(exp * 1000) };
}

function refusal(cause: Error): AppError {
  return new AppError("unauthorized", "the access token is not valid, or no longer: refresh it, or sign in again", { cause });
}
