import { readdir, readFile, readlink } from "node:fs/promises";

import { systemCode } from "#lib/errors/mod.ts";

/** The files outside a folder that a process has open for writing. */
export async function filesOutside(dir: string, pid: number): Promise<string[]> {
  const files = await Promise.all((await readdir(`/proc/${pid}/fd`)).map((fd) => writtenFile(pid, fd)));
  return files.filter((file) => file !== null && !file.startsWith(`${dir}/`) && !file.startsWith("/dev/")) as string[];
}

/** `null` when it is a socket or a pipe, is open for reading only, or was closed meanwhile. */
async function writtenFile(pid: number, fd: string): Promise<string | null> {
  try {
    const path = await readlink(`/proc/${pid}/fd/${fd}`);
    const flags = /^flags:\s*(\d+)$/m.exec(await readFile(`/proc/${pid}/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
    // O_WRONLY is 1 and O_RDWR 2; proc(5) gives the flags in octal.
    return path.startsWith("/") && (Number.parseInt(flags, 8) & 3) !== 0 ? path : null;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
