import { constants } from "node:fs";

import type { Fault } from "../lifecycle/mod.ts";
import { appendLog } from "./append_log.ts";
import { ChunkCheck } from "./chunk_check.ts";
import type { GatherShare } from "./gather_budget.ts";
import { GatherWriter } from "./gather_writer.ts";
import { logStamp } from "./log_stamp.ts";
import { mustBeSpan } from "./must_be_span.ts";
import { mustBeThere } from "./open_file.ts";
import { openPaced, type PacedFile } from "./paced_file.ts";
import type { ChunkWrite, WrittenChunk } from "./port.ts";
import type { SpoolPaths } from "./spool_paths.ts";
import { untilAborted } from "./until_aborted.ts";
import type { WritePace } from "./write_pace.ts";

/** What a chunk is written with. */
export interface ChunkTools {
  /** What is done, for the texts of errors: `writing chunk 3 of upload 01…`. */
  action: string;
  share: GatherShare;
  pace: WritePace;
  fault: Fault;
}

/**
 * Writes a chunk at its offset and then its log line, as the port's `writeChunk` says. It settles only when no disk
 * write of its is under way, so that whoever pre-empts it may begin at once. An abort that comes after the log line
 * was begun comes too late: the chunk is in.
 */
export async function writeChunk(paths: SpoolPaths, write: ChunkWrite, tools: ChunkTools): Promise<WrittenChunk> {
  const { index, size, signal } = write;
  const open = (path: string, flags: string | number) => mustBeThere(openPaced(path, flags, tools.pace), tools.action);
  mustBeSpan(write);
  // The log first: were both made anew in between (see createFiles), the line would go to the old log, unseen, and not
  // to the new one for bytes that went to the old file.
  using log = await open(paths.log, constants.O_WRONLY | constants.O_APPEND);
  using data = await open(paths.data, "r+");
  const crc32 = await writeBody(data, write, tools);
  signal.throwIfAborted();
  tools.fault("chunk.before-log");
  const record = { index, size, crc32 };
  const bytes = await appendLog(log, { kind: "received", ...record });
  return { record, logged: { bytes, stamp: logStamp(await log.stat()) } };
}

/** @returns the CRC-32 of the body, which is as it must be. */
async function writeBody(data: PacedFile, write: ChunkWrite, { share, fault }: ChunkTools): Promise<number> {
  const check = new ChunkCheck(write);
  const writer = new GatherWriter(data, write.offset, share.buffer, () => fault("chunk.mid-body"));
  for await (const piece of untilAborted(write.body, write.signal)) {
    check.add(piece);
    await writer.add(piece);
  }
  await writer.flush();
  return check.end();
}
