import { randomBytes } from "node:crypto";
import { join } from "node:path";

import type { Config } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";
import { readOrMakeSecret } from "#lib/lifecycle/mod.ts";

/** A secret of 32 bytes or more, and the name under which a token's header refers to it (`kid`, RFC 7515, section 4.1.4). */
export interface TokenKey {
  kid: string;
  secret: Uint8Array<ArrayBuffer>;
}

/** The first one signs, all of them verify: so keys are rotated without signing anybody out. */
export type TokenKeys = readonly [TokenKey, ...TokenKey[]];

/**
 * The keys of tokens and signed URLs: `TOKEN_KEYS`, or else those of `<DATA_DIR>/secrets/token-keys`, which is
 * made with one random key when it is not there. Several gateways need the same ones.
 *
 * @throws {AppError} `invalid-request` when they are malformed or two share a name.
 */
export async function loadTokenKeys(config: Pick<Config, "DATA_DIR" | "TOKEN_KEYS">): Promise<TokenKeys> {
  if (config.TOKEN_KEYS !== undefined) return parseTokenKeys(config.TOKEN_KEYS, "TOKEN_KEYS");
  const path = join(config.DATA_DIR, "secrets", "token-keys");
  return parseTokenKeys(await readOrMakeSecret(path, makeTokenKey), path);
}

function makeTokenKey(): string {
  return `${randomBytes(6).toString("hex")}:${randomBytes(32).toString("base64url")}`;
}

// An error names the place and never the text, which is secret.
function parseTokenKeys(text: string, place: string): TokenKeys {
  const [first, ...others] = text
    .trim()
    .split(",")
    .map((entry) => parseTokenKey(entry, place));
  if (first === undefined) throw new AppError("invalid-request", `${place}: there is no key in it`);
  const keys: TokenKeys = [first, ...others];
  if (new Set(keys.map(({ kid }) => kid)).size === keys.length) return keys;
  throw new AppError("invalid-request", `${place}: two keys have the same kid`);
}

function parseTokenKey(entry: string, place: string): TokenKey {
  const [, kid, key] = /^([\w-]+):([\w-]{43,})$/.exec(entry.trim()) ?? [];
  if (kid !== undefined && key !== undefined) return { kid, secret: Uint8Array.from(Buffer.from(key, "base64url")) };
  throw new AppError("invalid-request", `${place}: must be kid:key[,kid:key …], each key 32 bytes or more in base64url`);
}
