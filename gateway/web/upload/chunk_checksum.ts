import { createCRC32 } from "hash-wasm";

import { hexBytes } from "./hex_bytes.ts";
import { readPieces } from "./read_pieces.ts";

/** The `Upload-Checksum` of a chunk: `crc32` and the base64 of its CRC-32 (that of zlib), big-endian. */
export async function chunkChecksum(chunk: Blob): Promise<string> {
  const crc = await createCRC32();
  for await (const piece of readPieces(chunk)) crc.update(piece);
  return `crc32 ${btoa(String.fromCharCode(...hexBytes(crc.digest("hex"))))}`;
}
