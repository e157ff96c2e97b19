import { freePieces } from "#lib/spool/mod.ts";

/** As much as Bun gives in one piece, so that to ask for all of it takes no more memory than to ask for a piece. */
const onePieceBytes = 64 * 1024;

/** Whether a body of this `Content-Length` comes in one piece. */
export function isOnePiece(announced: number | null): boolean {
  return announced !== null && announced <= onePieceBytes;
}

/** The bytes of a chunk in pieces, each freed when the next is asked for. */
export function chunkBody(request: Request): AsyncIterable<Uint8Array> {
  return freePieces(request.body ?? nothing());
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
