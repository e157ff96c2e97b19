/**
 * Several gateways as one drive: any request may come to any of them, and what only the one beside the bytes can do is
 * sent on to it.
 *
 * ```ts
 * mustBeHere(ctx, upload.node); // in a service: throws ElsewhereError
 * return await forward(ctx, c, elsewhere); // at the edge: asks that node's gateway
 * ```
 */
export { ElsewhereError, mustBeHere } from "./elsewhere.ts";
export { forward } from "./forward.ts";
export { hopOf } from "./hop.ts";
export { createPeers, type Peers } from "./peers.ts";
export { advertisedUrl, register } from "./register.ts";
