import { crc32 } from "node:zlib";

import { crc32Hex } from "../bytes/mod.ts";
import { newId } from "../id/mod.ts";

/** Bytes that a header takes of its log. */
export const logHeaderBytes = 38;

const header = /^\n# ([0-9A-HJKMNP-TV-Z]{26}) ([0-9a-f]{8})$/;

/**
 * What a new log begins with, in ASCII: a line feed, then `# <born> <crc>`. `born` is a new ULID, so that a log which takes
 * another's place is told from it, and the later one sorts last. What the filesystem says of a file would not do: ext4 gives
 * the next file the number of the one just removed, and not every filesystem keeps a time of birth.
 */
export function newLogHeader(born = newId()): string {
  const line = `# ${born}`;
  return `\n${line} ${crc32Hex(crc32(line))}`;
}

/** `born` of a log that begins with `bytes`; `null` when they are no header. */
export function parseLogHeader(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const [, born, crc] = header.exec(text) ?? [];
  return born !== undefined && crc32Hex(crc32(`# ${born}`)) === crc ? born : null;
}
