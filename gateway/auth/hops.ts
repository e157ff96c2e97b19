import type { TokenKeys } from "./keys.ts";
import { createMac } from "./mac.ts";

/** How a request came from another gateway: from which node, and whose request it is. */
export interface Hop {
  from: string;
  /** The client's address, as the first gateway saw it. */
  address: string;
}

/** What a hop is signed for: this request to this node, and no other. */
export interface HopRequest {
  to: string;
  method: string;
  /** Path and query. */
  path: string;
}

/**
 * Lets gateways know each other's requests: they share the token keys, so one that signs with a key derived from them is
 * one of them. What is signed is who the client is; what the client may do, their own token says.
 */
export interface HopSigner {
  /** `from;address;time;signature`: the value of `X-Sluice-Forwarded`. */
  sign(hop: Hop, request: HopRequest): string;
  /** The hop that `value` tells of. `null` when it was not signed by a gateway, for this request, within the last minute. */
  verify(value: string, request: HopRequest): Hop | null;
}

/** How far the clocks of two gateways may be apart, a request's way included. */
const freshMs = 60_000;

export function createHopSigner(keys: TokenKeys, now: () => number): HopSigner {
  const mac = createMac(keys, "hop");
  return {
    sign: (hop, request) => {
      const at = String(now());
      return [hop.from, encodeURIComponent(hop.address), at, mac.sign(signed(hop, at, request))].join(";");
    },
    verify: (value, request) => {
      const [, from = "", address = "", at = "", signature = ""] = /^([^;]+);([^;]+);(\d+);([^;]+)$/.exec(value) ?? [];
      const hop = { from, address: decode(address) };
      return mac.fits(signed(hop, at, request), signature) && Math.abs(now() - Number(at)) <= freshMs ? hop : null;
    },
  };
}

function signed({ from, address }: Hop, at: string, { to, method, path }: HopRequest): string[] {
  return [from, address, at, to, method, path];
}

/** What is not encoded as we do it was not written by us: its signature will not fit. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
