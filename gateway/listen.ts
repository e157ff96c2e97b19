import type { createApp } from "./app.ts";
import type { Context } from "./context.ts";
import { hopOf } from "./peers/mod.ts";
import { asAppError, problemResponse } from "./problem.ts";
import { socketsOn } from "./receive_buffers/mod.ts";
import { trustedProxies } from "./trusted_proxies.ts";

/** Seconds without a byte in either direction after which a connection is closed. */
const idleSeconds = 120;

/**
 * Listens where the configuration says. Stopping takes no new connections and waits for requests in hand, until the
 * lifecycle's time is up.
 *
 * @returns the URL it listens on.
 */
export function listen(ctx: Context, app: ReturnType<typeof createApp>): string {
  const { HOST, PORT, TRUSTED_PROXIES } = ctx.config;
  const isTrusted = trustedProxies(TRUSTED_PROXIES);
  const server = Bun.serve({
    hostname: HOST,
    port: PORT,
    idleTimeout: idleSeconds,
    // Routes bound their bodies themselves; Bun's own limit would cut a large file at 128 MiB.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request, bun) => {
      const peer = bun.requestIP(request)?.address ?? "unknown";
      const hop = hopOf(ctx, request);
      // What another gateway sends on is what a client has sent, who may be none of the front's.
      const isProxied = hop === undefined && isTrusted(peer);
      const address = hop?.address ?? (isProxied ? (request.headers.get("x-real-ip") ?? peer) : peer);
      return app.fetch(request, { address, isProxied, hop, keepOpen: () => bun.timeout(request, 0) });
    },
    error: (error) => {
      ctx.log.error({ err: error }, "an answer could not be sent");
      return problemResponse(asAppError(error), "unknown");
    },
  });
  attachBuffers(ctx, server.port);
  ctx.lifecycle.onStop("server", async () => {
    const drained = server.stop();
    ctx.lifecycle.aborted.addEventListener("abort", () => void server.stop(true));
    await drained;
  });
  return server.url.origin;
}

/** Where the system cannot do it, many uploads at once take more memory, and else all is the same. */
function attachBuffers({ config, receiveBuffers, log }: Context, port: number | undefined): void {
  if (config.RECEIVE_BUFFER === 0 || port === undefined) return;
  try {
    receiveBuffers.attach(socketsOn(port));
  } catch (error) {
    log.info({ err: error }, "RECEIVE_BUFFER has no effect on this system");
  }
}
