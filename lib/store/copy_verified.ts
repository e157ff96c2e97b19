import { type FileHandle, open } from "node:fs/promises";

import { createHasher } from "../bytes/mod.ts";
import { AppError } from "../errors/mod.ts";
import type { PutSource } from "./port.ts";

const pieceBytes = 1 << 20;

/**
 * Copies a file to `target`, which must not exist, and makes the bytes durable (its name is the caller's business).
 * Memory: one piece of 1 MiB. Whatever goes wrong, `target` may be left behind.
 *
 * @throws {AppError} `checksum-mismatch` when size or SHA-256 of what was read are not those of `source`.
 */
export async function copyVerified(source: PutSource, target: string, signal: AbortSignal): Promise<void> {
  await using from = await open(source.path, "r");
  await using to = await open(target, "wx");
  const sha256 = createHasher("sha256");
  let size = 0;
  for await (const piece of pieces(from)) {
    signal.throwIfAborted();
    sha256.update(piece);
    await writeWhole(to, piece);
    size += piece.byteLength;
  }
  verify(source, size, Buffer.from(sha256.digest()).toString("hex"));
  await to.datasync();
}

/** The file's bytes from its beginning; each piece is valid until the next is asked for. */
async function* pieces(file: FileHandle): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, pieceBytes, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** write(2): "the number of bytes written may be less than count". */
async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.byteLength;) {
    const { bytesWritten } = await file.write(piece, at, piece.byteLength - at, null);
    at += bytesWritten;
  }
}

function verify(source: PutSource, size: number, sha256: string): void {
  if (size === source.size && sha256 === source.sha256) return;
  throw new AppError(
    "checksum-mismatch",
    `copying ${source.path}: read ${size} bytes with SHA-256 ${sha256}, must be ${source.size} bytes with ${source.sha256}`,
  );
}
