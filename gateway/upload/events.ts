import type { Context as Call } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import type { Env } from "../router.ts";
import { askOwner } from "./ask_owner.ts";
import { type Changes, followChanges } from "./changes.ts";

/** How often the rows are looked at when nothing wakes the stream: a hint may be lost, a row is not. */
const lookEveryMs = 1000;
/** Comments keep proxies from closing a silent stream. */
const commentEveryMs = 15_000;

/**
 * `GET /file/events`: server-sent events (WHATWG HTML, 9.2) of the caller's uploads and files, until the client
 * goes, the token is no longer good, or the gateway stops. `Last-Event-ID` goes on after a gap.
 */
export function streamEvents(ctx: Context, c: Call<Env>): Response {
  // Of a HEAD nobody reads the body: nobody would end it either.
  if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  c.env.keepOpen();
  const { userId } = c.var.principal;
  const token = (c.req.header("authorization") ?? "").replace(/^bearer +/i, "").trim();
  const client = { token, address: c.env.address, requestId: c.env.requestId, signal: c.req.raw.signal };
  const since = sinceOf(c.req.header("last-event-id"));
  const changes = followChanges(ctx, userId, since, (upload) => askOwner(ctx, upload, client));
  return streamSSE(c, async (stream) => {
    const bell = createBell(ctx, userId);
    stream.onAbort(bell.ring);
    try {
      if (since === null) await changes.skip();
      await stream.write(": connected\n\n");
      await pump(ctx, stream, { changes, bell, isGood: () => isGoodToken(ctx, token) });
    } finally {
      bell.remove();
    }
  });
}

interface Pump {
  changes: Changes;
  bell: ReturnType<typeof createBell>;
  isGood: () => Promise<boolean>;
}

async function pump({ lifecycle, now }: Context, stream: SSEStreamingApi, { changes, bell, isGood }: Pump): Promise<void> {
  let commentAt = now() + commentEveryMs;
  while (!stream.aborted && !stream.closed && !lifecycle.stopping.aborted && (await isGood())) {
    for await (const { event, data, at } of changes.look()) {
      if (stream.aborted) return;
      await stream.writeSSE({ event, data: JSON.stringify(data), id: String(at) });
    }
    if (now() >= commentAt) {
      await stream.write(": still here\n\n");
      commentAt = now() + commentEveryMs;
    }
    await bell.wait(lookEveryMs);
  }
}

/** Rings when something of the user changed, or the gateway stops. */
function createBell(ctx: Context, userId: string) {
  let rung = Promise.withResolvers<void>();
  const ring = () => rung.resolve();
  const off = ctx.queue.onNotify((topic) => topic === userId && ring());
  ctx.lifecycle.stopping.addEventListener("abort", ring);
  return {
    ring,
    wait: async (ms: number) => {
      await Promise.race([rung.promise, Bun.sleep(ms)]);
      rung = Promise.withResolvers<void>();
    },
    remove: () => {
      off();
      ctx.lifecycle.stopping.removeEventListener("abort", ring);
    },
  };
}

async function isGoodToken(ctx: Context, token: string): Promise<boolean> {
  try {
    await ctx.auth.authenticate(token);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function sinceOf(lastEventId: string | undefined): number | null {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null;
}
