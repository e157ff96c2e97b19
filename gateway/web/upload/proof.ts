import { createHMAC, createSHA256 } from "hash-wasm";

import type { Challenge } from "../api/wire.ts";
import { hexBytes } from "./hex_bytes.ts";
import { readPieces } from "./read_pieces.ts";

/**
 * Shows that one holds a file and not only its hash: the HMAC-SHA-256 (RFC 2104), in hex, of the bytes in the
 * challenge's ranges, one after the other, under the nonce. By WebAssembly, since `crypto.subtle` is missing where
 * the drive is served over plain http.
 */
export async function proofHex(file: Blob, { nonce, ranges }: Pick<Challenge, "nonce" | "ranges">): Promise<string> {
  const hmac = await createHMAC(createSHA256(), hexBytes(nonce));
  for (const [offset, length] of ranges) {
    for await (const piece of readPieces(file.slice(offset, offset + length))) hmac.update(piece);
  }
  return hmac.digest("hex");
}
