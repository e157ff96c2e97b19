import { open, writeFile } from "node:fs/promises";

import { newLogHeader } from "./log_header.ts";
import { removeFiles } from "./remove_files.ts";
import type { SpoolPaths } from "./spool_paths.ts";

/**
 * Makes a sparse file of `size` bytes and a log without entries, in place of what may lie there.
 *
 * The order is what keeps a log line from ever speaking of bytes that are not there, with the process killed between
 * any two steps and with a writer of the old files still at work: the old log goes before the old bytes, and the new
 * log is there before the new bytes. Files are unlinked, not emptied, so that such a writer ends in files that nobody
 * sees any more; see `writeChunk`, which opens the log first.
 */
export async function createFiles(paths: SpoolPaths, size: number): Promise<void> {
  await removeFiles(paths);
  try {
    await writeFile(paths.log, newLogHeader(), { encoding: "latin1", flag: "wx" });
    await using data = await open(paths.data, "wx");
    await data.truncate(size);
  } catch (error) {
    await removeFiles(paths);
    throw error;
  }
}
