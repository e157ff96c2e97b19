import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

import type { TokenKey, TokenKeys } from "./keys.ts";

/** Message authentication codes (HMAC-SHA-256, base64url) for one purpose. */
export interface Mac {
  sign(parts: string[]): string;
  /** Whether `signature` is one of these very parts. */
  fits(parts: string[], signature: string): boolean;
}

/**
 * Signs with a key derived from the first token key; takes signatures of any of them.
 *
 * @param purpose what is signed: RFC 5869 gives each a key of its own, so that a signature of one never says anything of
 * another, nor of a token.
 */
export function createMac(keys: TokenKeys, purpose: string): Mac {
  const derive = ({ secret }: TokenKey) => new Uint8Array(hkdfSync("sha256", secret, "", purpose, 32));
  const [first, ...others] = keys;
  const signing = derive(first);
  const verifying = [signing, ...others.map(derive)];
  return {
    sign: (parts) => mac(signing, parts),
    fits: (parts, signature) => verifying.some((key) => isEqual(mac(key, parts), signature)),
  };
}

// JSON escapes what would let one list of texts read like another.
function mac(key: Uint8Array, parts: string[]): string {
  return createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url");
}

// Compared as text: base64url has several spellings of the same bytes, and only one is good.
function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
