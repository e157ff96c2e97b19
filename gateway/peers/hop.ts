import type { Context } from "../context.ts";
import type { ForwardedFrom } from "../router.ts";

/** Says that a request comes from another gateway. */
export const hopHeader = "x-sluice-forwarded";

/** What a request says of the gateway that sent it on; nothing for one that comes from a client. */
export function hopOf({ auth, node }: Pick<Context, "auth" | "node">, request: Request): ForwardedFrom | undefined {
  const value = request.headers.get(hopHeader);
  if (value === null) return undefined;
  const { pathname, search } = new URL(request.url);
  const hop = auth.hops.verify(value, { to: node, method: request.method, path: `${pathname}${search}` });
  return hop === null ? { from: "unknown", isSigned: false } : { ...hop, isSigned: true };
}
