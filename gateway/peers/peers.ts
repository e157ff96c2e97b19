import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import { hopHeader } from "./hop.ts";
import { endToEnd } from "./hop_by_hop.ts";
import { createRegistry } from "./registry.ts";
import { createStall } from "./stall.ts";

/** A client's request, for another gateway. */
export interface PeerRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: Headers;
  body: ReadableStream<Uint8Array> | string | null;
  /** The client's. */
  address: string;
  requestId: string;
  /** Drops it: the client is gone. */
  signal: AbortSignal;
  /** How long the other side may take without moving, milliseconds. */
  patienceMs?: number;
}

/** The other gateways. */
export interface Peers {
  /**
   * Asks the gateway of `node`, as the client of whom this request is. Bodies stream both ways.
   *
   * @throws {AppError} `unavailable` when it cannot be reached, or does not move.
   */
  send(node: string, request: PeerRequest): Promise<Response>;
}

const patienceMs = 30_000;

export function createPeers(ctx: Pick<Context, "node" | "auth" | "catalog" | "now">): Peers {
  const registry = createRegistry(ctx);
  return {
    async send(node, request) {
      const url = await registry.urlOf(node);
      const stall = createStall(request.patienceMs ?? patienceMs, () => new Error(`no answer from ${url}`));
      const { method, path, body, signal } = request;
      try {
        stall.wait();
        return await fetch(`${url}${path}`, {
          method,
          headers: headersTo(ctx, node, request),
          // A stream is sent as it comes, with the length that the headers tell.
          body: body instanceof ReadableStream ? stall.watch(body) : body,
          signal: AbortSignal.any([signal, stall.signal]),
          redirect: "manual",
          decompress: false,
        });
      } catch (cause) {
        signal.throwIfAborted();
        const text = `node ${node}, whose disk holds what this needs, does not answer; try again`;
        throw new AppError("unavailable", text, { cause, retryAfterSeconds: 5 });
      } finally {
        stall.end();
      }
    },
  };
}

function headersTo({ auth, node }: Pick<Context, "node" | "auth">, to: string, request: PeerRequest): Headers {
  const { method, path, body, address, requestId } = request;
  const headers = endToEnd(request.headers);
  // "Expect: 100-continue" was answered when the body was let in; the host is the other's own.
  for (const name of ["host", "expect", "x-real-ip"]) headers.delete(name);
  if (typeof body === "string") headers.delete("content-length");
  headers.set("x-request-id", requestId);
  headers.set(hopHeader, auth.hops.sign({ from: node, address }, { to, method, path }));
  return headers;
}
