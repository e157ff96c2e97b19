import { AppError } from "#lib/errors/mod.ts";

import type { Principal } from "../router.ts";
import type { Revocations } from "./revocations.ts";
import type { Tokens } from "./tokens.ts";

/** Joins the two halves of a good token: it is ours and not expired, and its session is not revoked. */
export function createAuthenticate(tokens: Tokens, revocations: Revocations) {
  return async (token: string): Promise<Principal> => {
    const principal = await tokens.verify(token);
    if (!(await revocations.has(principal.sessionId))) return principal;
    throw new AppError("unauthorized", "the session of this access token has ended: sign in again", {
      cause: new Error(`session ${principal.sessionId} is revoked`),
    });
  };
}
