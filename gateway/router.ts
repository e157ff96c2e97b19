import { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";

import { AppError } from "#lib/errors/mod.ts";

/** Who asks, as their access token says. */
export interface Principal {
  userId: string;
  username: string;
  sessionId: string;
}

/** A request that says of itself that another gateway sent it on. It is never sent on again, whatever else it says. */
export interface ForwardedFrom {
  from: string;
  /** Whether a gateway has signed it. */
  isSigned: boolean;
  /** The client's address, where it is signed. */
  address?: string;
}

/** What the middleware hands to handlers: `c.var.…`. */
export interface Env {
  Bindings: {
    /** The client's, as a trusted proxy says or the connection shows. */
    address: string;
    /** Whether a trusted proxy sent the request: what it says of itself is believed then. */
    isProxied: boolean;
    /** Takes this connection's idle timeout off. */
    keepOpen: () => void;
    /** Set where another gateway sent the request on. */
    hop?: ForwardedFrom | undefined;
  };
  Variables: {
    requestId: string;
    /** Set by `requireUser`; absent on open routes. */
    principal: Principal;
    /** More of this request's wide log line. */
    logFields: Record<string, unknown>;
  };
}

/** A router whose handlers get checked input: what the zod schemas refuse is `invalid-request`. */
export function createRouter(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw new AppError("invalid-request", `${result.target}: ${describe(result.error)}`);
    },
  });
}

function describe(error: z.core.$ZodError): string {
  return error.issues.map((issue) => [issue.path.join("."), issue.message].filter((s) => s !== "").join(": ")).join("; ");
}
