import { AppError } from "#lib/errors/mod.ts";

import type { Auth } from "./auth.ts";
import type { Revocations } from "./revocations.ts";
import type { Tokens } from "./tokens.ts";

/** Joins the two halves of a good token: it is ours and not expired, and its session is not revoked. */
export function createAuthenticate(tokens: Tokens, revocations: Revocations): Pick<Auth, "authenticate" | "known"> {
  return {
    authenticate: async (token) => {
      const principal = await tokens.verify(token);
      if (!(await revocations.has(principal.sessionId))) return principal;
      throw new AppError("unauthorized", "the session of this access token has ended: sign in again", {
        cause: new Error(`session ${principal.sessionId} is revoked`),
      });
    },
    known: (token) => {
      const principal = tokens.known(token);
      return principal !== undefined && revocations.surelyHasNot(principal.sessionId) ? principal : undefined;
    },
  };
}
