import { readFile } from "node:fs/promises";

/** What a process has taken so far. */
export interface Usage {
  /** User and system, of all its threads; in steps of 10 ms. */
  cpuSeconds: number;
  rssBytes: number;
  /** The most it ever had (`VmHWM`). */
  peakBytes: number;
}

/** Ticks of `/proc/PID/stat` in a second: `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux of today. */
const ticksPerSecond = 100;

/** Reads `/proc/PID` (proc(5)): Linux only. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, "latin1"), readFile(`/proc/${pid}/status`, "latin1")]);
  // The name, in parentheses, may hold anything; the third field follows it. utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuSeconds: ticks / ticksPerSecond, rssBytes: kibOf(status, "VmRSS"), peakBytes: kibOf(status, "VmHWM") };
}

function kibOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
}
