import { after } from "../after.ts";
import { createRouter } from "../router.ts";
import type { WebOnDemand } from "./on_demand.ts";

/** Everything from ourselves, and no inline script; wasm for the hash. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The browser client: its page and its bundled assets, whose names change with their contents. */
export function webRoutes(web: WebOnDemand) {
  const app = createRouter();
  app.get("/", (c) => c.redirect("/file/upload", 302));
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/file/upload",
    tags: ["Files"],
    summary: "The web client's page",
    responses: { 200: { description: "HTML", content: { "text/html": { schema: { type: "string" } } } } },
  });
  const headers = { "content-security-policy": contentSecurityPolicy, "cache-control": "no-cache" };
  app.get("/file/upload", (c) => after(web(), ({ html }) => c.html(html, 200, headers)));
  // The same page for every code: whether there is such a share, its script asks.
  app.get("/s/:code", (c) => after(web(), ({ shareHtml }) => c.html(shareHtml, 200, { ...headers, "x-robots-tag": "noindex" })));
  app.get("/assets/:name", async (c, next) => {
    const asset = (await web()).assets.get(c.req.path);
    if (!asset) return await next();
    return c.body(asset.body.slice(), 200, {
      "content-type": asset.type,
      "cache-control": "public, max-age=31536000, immutable",
      // A worker script carries its own policy; without one it could do what the page may not.
      "content-security-policy": contentSecurityPolicy,
    });
  });
  return app;
}
