import { readdir, readFile } from "node:fs/promises";

import { systemCode } from "#lib/errors/mod.ts";

/**
 * When a process was started, in clock ticks since boot: with the pid, it names one process for good, where a pid alone is
 * used again.
 *
 * @returns `null` when it has ended.
 */
export async function startTicks(pid: number): Promise<string | null> {
  return (await readStat(pid))?.startTicks ?? null;
}

/** Whether any process of that group has not ended. */
export async function groupRuns(group: number): Promise<boolean> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const stats = await Promise.all(pids.map(readStat));
  return stats.some((stat) => stat?.group === group);
}

/** The memory that a process holds, in bytes; 0 when it has ended. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readProc(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status ?? "")?.[1] ?? 0) * 1024;
}

/**
 * What proc(5) tells in `/proc/pid/stat`. A zombie has ended, and whoever is to reap it may take a while; but one that has other
 * threads is still at it, its ports and files open, though its first thread has ended.
 */
async function readStat(pid: number): Promise<{ group: number; startTicks: string } | null> {
  const stat = await readProc(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name, in brackets, may hold blanks and brackets itself: what follows the last one is plain.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "X", , group] = fields;
  const [threads, startTicks = ""] = [fields[17], fields[19]];
  const hasEnded = "ZX".includes(state) && Number(threads) <= 1;
  return hasEnded ? null : { group: Number(group), startTicks };
}

async function readProc(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    // ESRCH: it ended between the opening and the reading.
    if (["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}
