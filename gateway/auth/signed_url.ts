import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

import { AppError } from "#lib/errors/mod.ts";

import type { TokenKey, TokenKeys } from "./keys.ts";

/** Signs the right to download one file until a given second, and checks it. */
export interface UrlSigner {
  /** The signature (base64url) for a file's id and an end in epoch seconds. */
  sign(id: string, expires: number): string;
  /**
   * Checks the parameters of a signed URL as they stand in its query.
   *
   * @throws {AppError} `bad-signature` when they are not what was signed, or when it has expired.
   */
  verify(params: { id: string; expires: string; signature: string }): void;
}

/** Signs with a key derived from the first token key; takes signatures of any of them. */
export function createUrlSigner(keys: TokenKeys, now: () => number): UrlSigner {
  const [first, ...others] = keys;
  const signing = deriveKey(first);
  const verifying = [signing, ...others.map(deriveKey)];
  return {
    sign: (id, expires) => mac(signing, id, String(expires)),
    verify: ({ id, expires, signature }) => {
      if (!verifying.some((key) => isEqual(mac(key, id, expires), signature))) {
        throw new AppError("bad-signature", "the signature does not fit this id and this end: ask for a new download URL");
      }
      if (Number(expires) * 1000 > now()) return;
      throw new AppError("bad-signature", `this download URL expired at ${expires} (epoch seconds): ask for a new one`);
    },
  };
}

/** RFC 5869: a key of its own, so that a signed URL never says anything of a token, nor the reverse. */
function deriveKey({ secret }: TokenKey): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", "download-url", 32));
}

// JSON escapes what would let one pair of texts read like another.
function mac(key: Uint8Array, id: string, expires: string): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([id, expires]))
    .digest("base64url");
}

// Compared as text: base64url has several spellings of the same bytes, and only one is good.
function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
