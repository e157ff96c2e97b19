import { systemCode } from "../errors/mod.ts";
import { newId } from "../id/mod.ts";
import { newLogHeader } from "./log_header.ts";
import { logStamp } from "./log_stamp.ts";
import { openPaced } from "./paced_file.ts";
import type { NewLog } from "./port.ts";
import { removeFiles } from "./remove_files.ts";
import type { SpoolPaths } from "./spool_paths.ts";
import { writeFully } from "./write_fully.ts";
import type { WritePace } from "./write_pace.ts";

/**
 * Makes a sparse file of `size` bytes and a log without entries, in place of what may lie there.
 *
 * The order is what keeps a log line from ever speaking of bytes that are not there, with the process killed between
 * any two steps and with a writer of the old files still at work: the old log goes before the old bytes, and the new
 * log is there before the new bytes. Files are unlinked, not emptied, so that such a writer ends in files that nobody
 * sees any more; see `writeChunk`, which opens the log first.
 *
 * As a rule nothing lies there, and to look for it would be half of the work: where something does, it shows.
 */
export async function createFiles(paths: SpoolPaths, size: number, pace: WritePace): Promise<NewLog> {
  try {
    return await createNew(paths, size, pace);
  } catch (error) {
    await removeFiles(paths);
    if (systemCode(error) !== "EEXIST") throw error;
    return await createAgain(paths, size, pace);
  }
}

async function createAgain(paths: SpoolPaths, size: number, pace: WritePace): Promise<NewLog> {
  try {
    return await createNew(paths, size, pace);
  } catch (error) {
    await removeFiles(paths);
    throw error;
  }
}

/** @throws `EEXIST` where one of the two is there; the log of that moment may be left then, and is to be removed with it. */
async function createNew(paths: SpoolPaths, size: number, pace: WritePace): Promise<NewLog> {
  const born = newId();
  using log = await openPaced(paths.log, "wx", pace);
  await writeFully(log, Buffer.from(newLogHeader(born), "latin1"), 0);
  using data = await openPaced(paths.data, "wx", pace);
  await data.truncate(size);
  return { born, stamp: logStamp(await log.stat()) };
}
