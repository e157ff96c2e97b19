import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { syncFolder } from "../lifecycle/mod.ts";
import type { GatherShare } from "./gather_budget.ts";
import { GatherWriter } from "./gather_writer.ts";
import { pacedFile } from "./paced_file.ts";
import { untilAborted } from "./until_aborted.ts";
import type { WritePace } from "./write_pace.ts";

/**
 * Writes a whole body of unknown length to a new file and makes it durable.
 * @returns its length. On any failure the file is removed; one that lay there before stays, and is an `EEXIST`.
 */
export async function writeAll(
  path: string,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  { share, pace }: { share: GatherShare; pace: WritePace },
): Promise<number> {
  await using file = await open(path, "wx");
  try {
    const length = await writeInOrder(file, body, signal, { share, pace });
    await file.datasync();
    await syncFolder(dirname(path));
    signal.throwIfAborted();
    return length;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeInOrder(
  file: FileHandle,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  { share, pace }: { share: GatherShare; pace: WritePace },
): Promise<number> {
  const writer = new GatherWriter(pacedFile(file, pace), 0, share.buffer);
  let length = 0;
  for await (const piece of untilAborted(body, signal)) {
    length += piece.byteLength;
    await writer.add(piece);
  }
  await writer.flush();
  return length;
}
