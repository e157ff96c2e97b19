import { createHasher } from "#lib/bytes/mod.ts";

/** What some bytes are. */
export interface BytesDigest {
  size: number;
  /** Lower-case hex. */
  sha256: string;
}

/** Reads bytes to their end, handing each piece on to `through`, and tells what they were. Holds one piece in memory. */
export async function digestOf(
  body: Blob | ReadableStream<Uint8Array>,
  signal: AbortSignal,
  through: (piece: Uint8Array) => Promise<void> = async () => {},
): Promise<BytesDigest> {
  const hasher = createHasher("sha256");
  let size = 0;
  for await (const piece of body instanceof Blob ? body.stream() : body) {
    signal.throwIfAborted();
    hasher.update(piece);
    await through(piece);
    size += piece.byteLength;
  }
  return { size, sha256: Buffer.from(hasher.digest()).toString("hex") };
}
