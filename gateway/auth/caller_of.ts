import { touchUser } from "#db/users.ts";
import { AppError } from "#lib/errors/mod.ts";

import { after } from "../after.ts";
import type { Context } from "../context.ts";
import type { Exchange, Principal } from "../router.ts";

/** How often a session in use writes its user's `lastActiveAt`. */
const touchEveryMs = 5 * 60_000;
/** Past so many the one that was noted longest ago is forgotten, and written once more. */
const notedSessions = 50_000;

/** What {@link createCallerOf} stands on. */
export type CallerPorts = Pick<Context, "auth" | "catalog" | "lifecycle" | "now">;

/** Who sends a request, noted on its exchange. */
export type CallerOf = (request: Request, exchange: Exchange) => Principal | Promise<Principal>;

/**
 * Tells who sends a request, at once where the token was seen before. To be made once per router, since it remembers
 * which sessions it has seen lately.
 *
 * @throws {AppError} `unauthorized` without a good `Authorization: Bearer` header (RFC 6750, section 2.1);
 * `unavailable` when the catalog has to be asked and cannot be.
 */
export function createCallerOf({ auth, ...ports }: CallerPorts): CallerOf {
  const touch = createTouch(ports);
  return (request, exchange) => {
    const header = request.headers.get("authorization") ?? "";
    // As nearly all clients write it: the rest, and what is not known, is for the pattern.
    const known = header.startsWith("Bearer ") ? auth.known(header.slice(7)) : undefined;
    return after(known ?? auth.authenticate(bearerToken(header)), (principal) => {
      exchange.principal = principal;
      touch(principal);
      return principal;
    });
  };
}

/** RFC 9110, section 11.1: the scheme's name is case-insensitive. */
function bearerToken(header: string): string {
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1];
  if (token !== undefined) return token;
  throw new AppError("unauthorized", "this needs an access token: send it as `Authorization: Bearer <token>`");
}

function createTouch({ catalog, lifecycle, now }: Omit<CallerPorts, "auth">) {
  // In the order of their times. Not an LRUCache, which takes 1.1 MB for so many before it has seen one, in each router.
  const touchedAt = new Map<string, number>();
  return ({ sessionId, userId }: Principal): void => {
    const at = now();
    if (at - (touchedAt.get(sessionId) ?? 0) < touchEveryMs) return;
    touchedAt.delete(sessionId);
    touchedAt.set(sessionId, at);
    const oldest = touchedAt.size > notedSessions ? touchedAt.keys().next().value : undefined;
    if (oldest !== undefined) touchedAt.delete(oldest);
    lifecycle.background("touch user", () => touchUser(catalog.db, userId, at, touchEveryMs));
  };
}
