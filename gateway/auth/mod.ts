/**
 * Who asks: access tokens, sessions, passwords and signed download URLs.
 *
 * ```ts
 * const auth = await createAuth({ config, catalog, lifecycle, log, now });
 * const principal = await auth.authenticate(token);
 * const signature = auth.downloadUrls.sign(file.id, expires);
 * ```
 */
export { type Auth, createAuth } from "./auth.ts";
export type { Hop, HopSigner } from "./hops.ts";
export type { Grant, Sessions } from "./sessions.ts";
export type { UrlSigner } from "./signed_url.ts";
