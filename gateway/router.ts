import { OpenAPIHono } from "@hono/zod-openapi";
import type { HonoRequest } from "hono";
import { getPath } from "hono/utils/url";
import type { z } from "zod";

import { AppError } from "#lib/errors/mod.ts";

import { StaticFirstRouter } from "./static_first_router.ts";

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

/** A request on its way through the gateway, beside its HTTP: `c.env` of handlers. */
export interface Exchange {
  /** The client's, as a trusted proxy says or the connection shows. */
  address: string;
  /** Whether a trusted proxy sent it: what it says of itself is believed then. */
  isProxied: boolean;
  /** Set where another gateway sent it on. */
  hop: ForwardedFrom | undefined;
  /** Takes this connection's idle timeout off. */
  keepOpen: () => void;
  requestId: string;
  /** The path of its URL, decoded. */
  path: string;
  /** Who asks, once a route that needs a token has seen it. */
  principal: Principal | undefined;
  /** More of this request's wide log line. */
  logFields: Record<string, unknown> | undefined;
}

export interface Env {
  Bindings: Exchange;
  /** `c.var`: the principal is set by `requireUser`, and absent on open routes. */
  Variables: { principal: Principal };
}

/** A router whose handlers get checked input: what the zod schemas refuse is `invalid-request`. */
export function createRouter(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({
    router: new StaticFirstRouter(),
    // The edge has found it already.
    getPath: (request, options?: { env?: Partial<Exchange> }) => options?.env?.path ?? getPath(request),
    defaultHook: (result) => {
      if (!result.success) throw refusal(result.target, result.error);
    },
  });
}

/** How many queries a reader remembers, and how long one may be, characters. */
const [mostKnown, longestKnown] = [1000, 256];

/**
 * {@link checkedQuery} for a route that is asked the same again and again, as by who polls: what a query was found to say is
 * remembered. To read it anew is a tenth of what a small request takes.
 *
 * @returns a reader, whose answers are shared, and frozen; it throws as `checkedQuery` does.
 */
export function queryReader<T extends z.ZodType>(schema: T): (request: HonoRequest) => Readonly<z.output<T>> {
  const known = new Map<string, Readonly<z.output<T>>>();
  return (request) => {
    const begin = request.url.indexOf("?");
    const text = begin === -1 ? "" : request.url.slice(begin);
    const found = known.get(text);
    if (found !== undefined) return found;
    const query = Object.freeze(checkedQuery(request, schema));
    if (known.size >= mostKnown) known.clear();
    if (text.length <= longestKnown) known.set(text, query);
    return query;
  };
}

/**
 * The query of a request as a schema has it: what `c.req.valid("query")` is on a route by `openapi()`, for a route that
 * has to be quick (a validator in its way costs 4 µs under load).
 *
 * @throws {AppError} `invalid-request`.
 */
export function checkedQuery<T extends z.ZodType>(request: HonoRequest, schema: T): z.output<T> {
  const given = request.queries();
  // Without a prototype, for a client may call a parameter `__proto__`.
  const query: Record<string, string | string[] | undefined> = Object.create(null);
  for (const name of Object.keys(given)) query[name] = given[name]?.length === 1 ? given[name][0] : given[name];
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  throw refusal("query", result.error);
}

function refusal(target: string, error: z.core.$ZodError): AppError {
  return new AppError("invalid-request", `${target}: ${describe(error)}`);
}

function describe(error: z.core.$ZodError): string {
  return error.issues.map((issue) => [issue.path.join("."), issue.message].filter((s) => s !== "").join(": ")).join("; ");
}
