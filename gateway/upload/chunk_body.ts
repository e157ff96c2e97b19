import { freePieces } from "#lib/spool/mod.ts";

/** As much as Bun gives in one piece, so that to ask for all of it takes no more memory than to ask for a piece. */
const onePieceBytes = 64 * 1024;

/** Whether a body of this `Content-Length` comes in one piece. */
export function isOnePiece(announced: number | null): boolean {
  return announced !== null && announced <= onePieceBytes;
}

/**
 * The bytes of a chunk in pieces, each freed when the next is asked for. A body of one piece is asked for as a whole: a stream
 * around it is a fifth of what a small chunk takes.
 *
 * @param announced its `Content-Length`, to which Bun holds it; `null` when the client told none.
 */
export function chunkBody(request: Request, announced: number | null): AsyncIterable<Uint8Array> {
  if (isOnePiece(announced)) return freePieces(whole(request));
  return freePieces(request.body ?? nothing());
}

async function* whole(request: Request): AsyncGenerator<Uint8Array> {
  yield await request.bytes();
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
