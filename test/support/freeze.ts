import { readdir, readFile } from "node:fs/promises";

/** SIGSTOP; resolves when every thread of the process stands still: until then some may still answer. SIGCONT undoes it. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  while (!(await isFrozen(pid))) await Bun.sleep(1);
}

async function isFrozen(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, "utf8")));
  return stats.every((stat) => stat.slice(stat.lastIndexOf(")") + 2).startsWith("T"));
}
