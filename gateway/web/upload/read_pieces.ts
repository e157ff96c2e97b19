const pieceBytes = 4 * 1024 * 1024;

/**
 * Reads a blob piece by piece (4 MiB), the next one while the last one is worked on; never the whole.
 *
 * @throws {DOMException} `NotReadableError` or `NotFoundError` when the file has changed or gone, or is a folder.
 * @throws The reason of `signal` when it aborts.
 */
export async function* readPieces(blob: Blob, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const read = (offset: number) => blob.slice(offset, offset + pieceBytes).arrayBuffer();
  let next: Promise<ArrayBuffer> | null = blob.size > 0 ? read(0) : null;
  for (let offset = pieceBytes; next; offset += pieceBytes) {
    const piece: ArrayBuffer = await next;
    signal?.throwIfAborted();
    next = offset < blob.size ? read(offset) : null;
    // Awaited a turn later: without a handler until then, a failure would count as unhandled.
    next?.catch(() => undefined);
    yield new Uint8Array(piece);
  }
}
