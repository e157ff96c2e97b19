import type { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";

/** What else a request wants of its way to another gateway. */
export interface ElsewhereOptions {
  /** What is done here when that gateway cannot be reached: 204 when it resolves. Without it, `away` is the answer. */
  ifAway?: (away: AppError) => Promise<void>;
  /** The answer is held back until then (`performance.now()`), so that the way it went does not show in its time. */
  notBefore?: number;
}

/**
 * Only the gateway of another node can do this, for the bytes lie in its spool. Thrown by services before they have changed
 * anything; the edge sends the request on. It is what 421 (Misdirected Request, RFC 9110, 15.5.20) would tell a client
 * that knew the gateways.
 */
export class ElsewhereError extends Error {
  override readonly name = "ElsewhereError";
  readonly node: string;
  readonly options: ElsewhereOptions;

  constructor(node: string, options: ElsewhereOptions = {}) {
    super(`the bytes lie on node ${node}`);
    this.node = node;
    this.options = options;
  }
}

/** @throws {ElsewhereError} unless the spool of `node` is this one's. */
export function mustBeHere(ctx: Pick<Context, "node">, node: string, options?: ElsewhereOptions): void {
  if (node !== ctx.node) throw new ElsewhereError(node, options);
}
