import { readdir, readFile, readlink } from "node:fs/promises";

import { systemCode } from "#lib/errors/mod.ts";

/** The pids of all processes, children of daemons too, that have the folder in their command or environment, or work in it. */
export async function folderProcesses(dir: string): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const uses = await Promise.all(pids.map(async (pid) => (await describe(pid)).includes(dir)));
  return pids.filter((_, index) => uses[index]);
}

/** Empty when the process has ended, as a zombie's files are. */
async function describe(pid: number): Promise<string> {
  const folder = `/proc/${pid}`;
  try {
    return `${await readFile(`${folder}/cmdline`, "utf8")}${await readFile(`${folder}/environ`, "utf8")}${await readlink(`${folder}/cwd`)}`;
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(systemCode(error) ?? "")) return "";
    throw error;
  }
}
