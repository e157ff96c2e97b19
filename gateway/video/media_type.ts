import { AppError } from "#lib/errors/mod.ts";

/** As much of a file's beginning as its type is told by: past the tags that may stand before audio. */
export const headBytes = 64 * 1024;

/** What `file-type` calls otherwise than browsers do. */
const usual = new Map([
  ["video/MP1S", "video/mpeg"],
  ["video/MP2P", "video/mpeg"],
]);

/**
 * The media type of a file by its first bytes, never by its name.
 *
 * @param head the file's first {@link headBytes}, or all of it.
 * @throws {AppError} `invalid-request` when it is neither video nor audio.
 */
export async function mediaType(head: Uint8Array): Promise<string> {
  // Not before it is needed: 1.5 MB, and most drives hold few videos.
  const { fileTypeFromBuffer } = await import("file-type");
  const found = (await fileTypeFromBuffer(head))?.mime;
  const type = found === undefined ? undefined : (usual.get(found) ?? found);
  if (type !== undefined && /^(video|audio)\//.test(type)) return type;
  const what = type === undefined ? "of no type that is known" : `of type ${type}`;
  throw new AppError("invalid-request", `only video and audio is published; by its first bytes the file is ${what}`);
}

/** Bytes on their way, with what they turned out to be. */
export interface Sniffed {
  body: AsyncIterable<Uint8Array>;
  /** Once the first {@link headBytes} have passed. */
  type: () => string | undefined;
}

/** Lets a body through, if it is media. @throws {AppError} as {@link mediaType}, to whoever reads it. */
export function sniffed(body: AsyncIterable<Uint8Array>): Sniffed {
  let type: string | undefined;
  async function* through() {
    const held: Uint8Array[] = [];
    let size = 0;
    for await (const piece of body) {
      if (type !== undefined) {
        yield piece;
        continue;
      }
      held.push(piece);
      size += piece.byteLength;
      if (size < headBytes) continue;
      type = await mediaType(joined(held));
      yield* held.splice(0);
    }
    type ??= await mediaType(joined(held));
    yield* held;
  }
  return { body: through(), type: () => type };
}

function joined(pieces: Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces).subarray(0, headBytes);
}
