import { crc32 } from "node:zlib";

import { crc32Hex } from "../bytes/mod.ts";
import type { LogEntry } from "./port.ts";

const received = /^\+ ([1-9]\d{0,15}) (\d{1,16}) ([0-9a-f]{8}) ([0-9a-f]{8})$/;
const reopened = /^- ([1-9]\d{0,15}) ([0-9a-f]{8})$/;
const digested = /^= (0|[1-9]\d{0,15}) ([1-9]\d{0,15}) ([0-9a-f]{32}) ([0-9a-f]{8})$/;

/**
 * One line of a chunk log, in ASCII and without its line feed: `+ <index> <size> <crc32> <line crc>`,
 * `- <index> <line crc>` or `= <offset> <length> <md5> <line crc>`. Numbers are decimal, a CRC-32 is eight hex digits, an MD5 32;
 * the last CRC-32 is that of the line before it.
 *
 * @throws {RangeError} when a number has no place in a line: it would be written and never be read again.
 */
export function formatLogLine(entry: LogEntry): string {
  const head = headOf(entry);
  const line = `${head} ${crc32Hex(crc32(head))}`;
  if (parseLogLine(line) === null) throw new RangeError(`a chunk log cannot hold "${line}"`);
  return line;
}

function headOf(entry: LogEntry): string {
  if (entry.kind === "received") return `+ ${entry.index} ${entry.size} ${crc32Hex(entry.crc32)}`;
  if (entry.kind === "reopened") return `- ${entry.index}`;
  return `= ${entry.offset} ${entry.length} ${entry.md5}`;
}

/**
 * Reads a line as {@link formatLogLine} wrote it, `null` when it is anything else. The CRC of fixed width at its end
 * is what makes a line that was cut short never a line.
 */
export function parseLogLine(line: string): LogEntry | null {
  const fields = received.exec(line) ?? reopened.exec(line) ?? digested.exec(line);
  if (fields === null || crc32Hex(crc32(line.slice(0, -9))) !== fields.at(-1)) return null;
  const [number, size, hash = ""] = [Number(fields[1]), Number(fields[2]), fields[3]];
  if (line.startsWith("-")) return { kind: "reopened", index: number };
  if (line.startsWith("=")) return { kind: "digested", offset: number, length: size, md5: hash };
  return { kind: "received", index: number, size, crc32: Number.parseInt(hash, 16) };
}
