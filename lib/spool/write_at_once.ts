import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

import { systemCode } from "../errors/mod.ts";
import { logRecord } from "./append_log.ts";
import { ChunkCheck } from "./chunk_check.ts";
import { isSameStamp, logStamp } from "./log_stamp.ts";
import { mustBeSpan } from "./must_be_span.ts";
import type { ChunkAtOnce, ChunkRecord, WrittenChunk } from "./port.ts";
import type { SpoolPaths } from "./spool_paths.ts";
import type { ChunkTools } from "./write_chunk.ts";
import { timed } from "./write_pace.ts";

type Tools = Pick<ChunkTools, "pace" | "fault">;

/**
 * Writes a chunk in this turn of the event loop, as the port's `writeAtOnce` says; in `writeChunk`'s order. What goes wrong is not
 * told here but by `writeChunk`, which meets it again: its bytes go where these went, and a record that was cut is followed by a
 * whole one.
 */
export function writeAtOnce(paths: SpoolPaths, write: ChunkAtOnce, { pace, fault }: Tools): WrittenChunk | null {
  const { index, size, bytes } = write;
  mustBeSpan(write);
  const check = new ChunkCheck(write);
  check.add(bytes);
  const record = { index, size, crc32: check.end() };
  if (!pace.isOnLoop) return null;
  try {
    return timed(pace, () => writeNow(paths, write, record, fault));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return null;
  }
}

function writeNow(
  paths: SpoolPaths,
  { offset, size, bytes, onto }: ChunkAtOnce,
  record: ChunkRecord,
  fault: Tools["fault"],
): WrittenChunk | null {
  return withFile(paths.log, constants.O_WRONLY | constants.O_APPEND, (log) => {
    if (!isSameStamp(logStamp(fstatSync(log)), onto)) return null;
    return withFile(paths.data, "r+", (data) => {
      if (writeSync(data, bytes, 0, size, offset) < size) return null;
      fault("chunk.mid-body");
      fault("chunk.before-log");
      const line = logRecord({ kind: "received", ...record });
      if (writeSync(log, line) < line.byteLength) return null;
      return { record, logged: { bytes: line.byteLength, stamp: logStamp(fstatSync(log)) } };
    });
  });
}

function withFile<T>(path: string, flags: string | number, use: (fd: number) => T): T {
  const fd = openSync(path, flags);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
