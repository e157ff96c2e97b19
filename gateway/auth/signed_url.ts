import { AppError } from "#lib/errors/mod.ts";

import type { TokenKeys } from "./keys.ts";
import { createMac } from "./mac.ts";

/** Signs the right to download one file (or one share) until a given second, and checks it. */
export interface UrlSigner {
  /** The signature (base64url) for an id and an end in epoch seconds. */
  sign(id: string, expires: number): string;
  /**
   * Checks the parameters of a signed URL as they stand in its query.
   *
   * @throws {AppError} `bad-signature` when they are not what was signed, or when it has expired.
   */
  verify(params: { id: string; expires: string; signature: string }): void;
}

/**
 * Signs with a key derived from the first token key; takes signatures of any of them.
 *
 * @param purpose what ids are of: a signature for a file is none for a share.
 */
export function createUrlSigner(
  keys: TokenKeys,
  now: () => number,
  purpose: "download-url" | "share-url" = "download-url",
): UrlSigner {
  const mac = createMac(keys, purpose);
  return {
    sign: (id, expires) => mac.sign([id, String(expires)]),
    verify: ({ id, expires, signature }) => {
      if (!mac.fits([id, expires], signature)) {
        throw new AppError("bad-signature", "the signature does not fit this id and this end: ask for a new download URL");
      }
      if (Number(expires) * 1000 > now()) return;
      throw new AppError("bad-signature", `this download URL expired at ${expires} (epoch seconds): ask for a new one`);
    },
  };
}
