import { createSHA1 } from "hash-wasm";

import { readPieces } from "./read_pieces.ts";

/**
 * The SHA-1 of a file, in hex, read as a stream. It only names the content; the drive also keeps its SHA-256.
 *
 * @param onProgress Told the bytes read so far.
 */
export async function sha1Hex(file: Blob, onProgress: (bytes: number) => void, signal?: AbortSignal): Promise<string> {
  const hasher = await createSHA1();
  let bytes = 0;
  for await (const piece of readPieces(file, signal)) {
    hasher.update(piece);
    onProgress((bytes += piece.byteLength));
  }
  return hasher.digest("hex");
}
