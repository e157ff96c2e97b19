import { constants, mkdir, statfs } from "node:fs/promises";
import { resolve } from "node:path";

import { diskFullAsNoSpace } from "../errors/mod.ts";
import { type Fault, noFault } from "../lifecycle/mod.ts";
import { appendLog } from "./append_log.ts";
import { createFiles } from "./create_files.ts";
import { GatherBudget, type GatherLimits } from "./gather_budget.ts";
import { listFiles } from "./list_files.ts";
import { logStamp } from "./log_stamp.ts";
import { openSpooled } from "./open_file.ts";
import type { Spool } from "./port.ts";
import { readLog } from "./read_log.ts";
import { removeFiles } from "./remove_files.ts";
import { spoolPaths } from "./spool_paths.ts";
import { statIfThere } from "./stat_if_there.ts";
import { statPaced } from "./stat_paced.ts";
import { syncFiles } from "./sync_files.ts";
import { writeAll } from "./write_all.ts";
import { writeAtOnce } from "./write_at_once.ts";
import { writeChunk } from "./write_chunk.ts";
import { WritePace } from "./write_pace.ts";

export interface FolderSpoolOptions {
  /** Where a test may end the process. */
  fault?: Fault;
  /** How many bytes are gathered before a disk write. */
  gather?: Partial<GatherLimits>;
}

/**
 * A spool in the folder `root`, which is made when it is not there. Several processes may share it: the gateway that
 * writes and the workers that read, reopen and remove.
 */
export async function folderSpool(root: string, options: FolderSpoolOptions = {}): Promise<Spool> {
  const folder = resolve(root);
  const budget = new GatherBudget(options.gather);
  const pace = new WritePace();
  const fault = options.fault ?? noFault;
  const paths = (id: string) => spoolPaths(folder, id);
  await mkdir(folder, { recursive: true });
  return {
    async create(id, size) {
      return await orNoSpace(`making the spool file of upload ${id}`, createFiles(paths(id), size, pace));
    },
    async writeChunk(write) {
      using share = budget.join();
      const action = `writing chunk ${write.index} of upload ${write.id}`;
      return await orNoSpace(action, writeChunk(paths(write.id), write, { action, share, pace, fault }));
    },
    writeAtOnce: (write) => writeAtOnce(paths(write.id), write, { pace, fault }),
    async writeAll(id, body, signal) {
      using share = budget.join();
      return await orNoSpace(`writing file ${id}`, writeAll(paths(id).data, body, signal, { share, pace }));
    },
    async readLog(id, from = 0) {
      return await readLog(paths(id).log, from, pace);
    },
    async logStamp(id) {
      const stats = await statPaced(paths(id).log, pace);
      return stats && logStamp(stats);
    },
    async reopen(id, index) {
      const action = `reopening chunk ${index} of upload ${id}`;
      await using log = await openSpooled(paths(id).log, constants.O_WRONLY | constants.O_APPEND, action);
      await orNoSpace(action, appendLog(log, { kind: "reopened", index }));
    },
    async noteDigests(id, digests) {
      const action = `noting digests of ${id}`;
      await using log = await openSpooled(paths(id).log, constants.O_WRONLY | constants.O_APPEND, action);
      for (const digest of digests) await orNoSpace(action, appendLog(log, { kind: "digested", ...digest }));
    },
    async sync(id) {
      const action = `making upload ${id} durable`;
      await orNoSpace(action, syncFiles(folder, paths(id), action));
    },
    path: (id) => paths(id).data,
    has: async (id, size) => (await statIfThere(paths(id).data))?.size === size,
    remove: async (id) => await removeFiles(paths(id)),
    list: async () => await listFiles(folder, pace),
    async freeBytes() {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
  };
}

async function orNoSpace<T>(action: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskFullAsNoSpace(error, action);
  }
}
