import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

const pieceBytes = 2 ** 20;

/** Makes a file of `bytes` bytes; no two files are alike. */
export async function makeFile(path: string, bytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const piece = new Uint8Array(pieceBytes);
  for (let at = 0; at < pieceBytes; at += 65_536) crypto.getRandomValues(piece.subarray(at, at + 65_536));
  await using file = await open(path, "w");
  for (let at = 0; at < bytes; at += pieceBytes) await file.write(piece, 0, Math.min(pieceBytes, bytes - at));
}
