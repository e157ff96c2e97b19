import type { Context as Call } from "hono";

import { AppError, isAppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import type { Env } from "../router.ts";
import type { ElsewhereError } from "./elsewhere.ts";
import { endToEnd } from "./hop_by_hop.ts";

/** A disk may have much to take before an upload of terabytes is durable. */
const patienceMs = 10 * 60_000;

/**
 * Sends a request on to the gateway beside the bytes it is about, and gives that one's answer: as it came, but for what
 * belongs to a connection. The client's own token travels along, so that the other gateway grants what it would grant
 * the client.
 *
 * @throws {AppError} `unavailable` when that gateway cannot be reached, or when the request was sent on already.
 */
export async function forward(ctx: Context, c: Call<Env>, { node, options }: ElsewhereError): Promise<Response> {
  c.env.logFields = { ...c.env.logFields, forwardedTo: node };
  try {
    return await send(ctx, c, node);
  } catch (error) {
    if (!options.ifAway || !isAppError(error, "unavailable")) throw error;
    await options.ifAway(error);
    return new Response(null, { status: 204 });
  } finally {
    if (options.notBefore !== undefined) await Bun.sleep(Math.max(0, options.notBefore - performance.now()));
  }
}

async function send(ctx: Context, c: Call<Env>, node: string): Promise<Response> {
  if (c.env.hop) {
    throw new AppError("unavailable", `this request was sent on to here, and what it needs lies on node ${node}; try again`, {
      retryAfterSeconds: 1,
    });
  }
  const { raw } = c.req;
  const { pathname, search } = new URL(raw.url);
  // What a validator has read is written anew; it was small.
  const body = raw.bodyUsed ? await c.req.text() : raw.body;
  const answer = await ctx.peers.send(node, {
    method: raw.method,
    path: `${pathname}${search}`,
    headers: raw.headers,
    body,
    address: c.env.address,
    requestId: c.env.requestId,
    signal: raw.signal,
    ...(pathname === "/file/mpupload/complete" && { patienceMs }),
  });
  return new Response(answer.body, { status: answer.status, headers: endToEnd(answer.headers) });
}
