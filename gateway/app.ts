import type { Context as Call } from "hono";
import { bodyLimit } from "hono/body-limit";

import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "./context.ts";
import { createEdge } from "./edge.ts";
import { fileRoutes } from "./file/routes.ts";
import { offlineRoutes } from "./offline/routes.ts";
import { ElsewhereError, forward } from "./peers/mod.ts";
import { asAppError, problemResponse } from "./problem.ts";
import { createRouter, type Env } from "./router.ts";
import { shareRoutes } from "./share/routes.ts";
import { systemRoutes } from "./system/routes.ts";
import { uploadRoutes } from "./upload/routes.ts";
import { userRoutes } from "./user/routes.ts";
import { videoRoutes } from "./video/routes.ts";
import type { WebOnDemand } from "./web/on_demand.ts";
import { webRoutes } from "./web/routes.ts";

const jsonLimitBytes = 64 * 1024;
/** Routes that take bodies of any size, and bound them themselves. */
const streamed = new Set(["/file/upload", "/file/mpupload/uppart"]);
const isStreamed = (path: string) => streamed.has(path) || path.startsWith("/upload/");

/** The path of middleware. */
const everywhere = "/*";

/** The whole HTTP edge over the given capabilities, and the routes that it answers. */
export function createApp(ctx: Context, web: WebOnDemand) {
  const app = createRouter();
  const limit = bodyLimit({
    maxSize: jsonLimitBytes,
    onError: () => {
      throw new AppError("too-large", `the body of this request may have at most ${jsonLimitBytes} bytes`);
    },
  });
  // For methods that have bodies only: a GET that passes no middleware is answered without a promise (see edge.ts).
  app.on(["POST", "PUT", "PATCH", "DELETE"], everywhere, (c, next) =>
    // The path first: to look at a body is to make a stream of it.
    isStreamed(c.req.path) || c.req.raw.body === null ? next() : limit(c, next),
  );
  app.route("/", userRoutes(ctx));
  app.route("/", fileRoutes(ctx));
  app.route("/", uploadRoutes(ctx));
  app.route("/", offlineRoutes(ctx));
  app.route("/", videoRoutes(ctx));
  app.route("/", shareRoutes(ctx));
  app.route("/", webRoutes(web));
  app.route("/", systemRoutes(ctx, app));
  app.notFound((c) => problemResponse(notFound(app, c.req.method, c.req.path), c.env.requestId));
  app.onError(async (thrown, c) => {
    if (!(thrown instanceof ElsewhereError)) return problemOf(thrown, c);
    return await forward(ctx, c, thrown).catch((error: unknown) => problemOf(error, c));
  });
  return { fetch: createEdge(ctx, app), routes: app.routes.filter(({ path }) => path !== everywhere) };
}

function problemOf(thrown: unknown, c: Call<Env>): Response {
  const error = asAppError(isCut(thrown, c.req.raw.signal) ? cut(thrown) : thrown);
  const isOurs = error.code === "internal" || error.code === "content-lost";
  c.env.logFields = {
    ...c.env.logFields,
    code: error.code,
    detail: error.message,
    ...(isOurs ? { err: error.cause ?? error } : {}),
  };
  return problemResponse(error, c.env.requestId);
}

/** A path that exists for other methods is 405 with `Allow` (RFC 9110, 15.5.6), else there is no such path. */
function notFound(app: ReturnType<typeof createRouter>, method: string, path: string): AppError {
  const others = ["GET", "POST", "PUT", "DELETE"].filter((m) => m !== method && hasRoute(app, m, path));
  if (others.length === 0) return new AppError("not-found", `there is nothing at ${method} ${JSON.stringify(path)}; see /docs`);
  const allow = others.flatMap((m) => (m === "GET" ? ["GET", "HEAD"] : [m])).join(", ");
  return new AppError("method-not-allowed", `${path} takes ${allow}, not ${method}`, { headers: { allow } });
}

function hasRoute(app: ReturnType<typeof createRouter>, method: string, path: string): boolean {
  return app.router.match(method, path)[0].some(([[, route]]) => route.method === method && route.path !== everywhere);
}

function isCut(thrown: unknown, signal: AbortSignal): boolean {
  return signal.aborted && !(thrown instanceof AppError);
}

function cut(cause: unknown): AppError {
  return new AppError("incomplete-body", "the connection ended before the body did; send it again", { cause });
}
