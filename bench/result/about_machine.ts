import { cpus, release, totalmem } from "node:os";

import type { Result } from "./schema.ts";

/** How each program tells its version. */
const programs: Record<string, string[]> = {
  node: ["node", "--version"],
  nginx: ["nginx", "-v"],
  wrk: ["wrk", "-v"],
  mariadb: ["mariadbd", "--version"],
  redis: ["redis-server", "--version"],
  ceph: ["radosgw", "--version"],
};

/** What a result says of where it was taken. */
export async function aboutMachine(): Promise<Pick<Result, "commit" | "machine" | "versions">> {
  const told = await Promise.all(
    Object.entries(programs).map(async ([name, command]) => [name, await versionOf(command)] as const),
  );
  return {
    commit: (await run(["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])) || "unknown",
    machine: { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, memoryBytes: totalmem(), kernel: release() },
    versions: { bun: Bun.version, ...Object.fromEntries(told.filter(([, version]) => version !== "")) },
  };
}

async function versionOf([program = "", ...args]: string[]): Promise<string> {
  const path = Bun.which(program) ?? Bun.which(program, { PATH: "/usr/sbin:/sbin" });
  return path === null ? "" : (/\d+(\.\d+)+/.exec(await run([path, ...args]))?.[0] ?? "");
}

/** What a program says, on either of its outputs; nothing where it fails. */
async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: import.meta.dir, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  // wrk tells its version with how it is to be used, and ends with 1.
  return code === 0 || command.includes("-v") ? `${out}${err}`.trim() : "";
}
