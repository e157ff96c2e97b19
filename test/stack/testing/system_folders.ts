import { readdir, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { systemCode } from "#lib/errors/mod.ts";

const names = /mysql|maria|redis|rabbit|erlang|epmd|ceph|rados|nginx/i;

/** Where servers write when nobody tells them where to. */
const parents = [
  "/",
  "/etc",
  "/run",
  "/var/lib",
  "/var/log",
  "/var/cache",
  "/var/tmp",
  "/var/spool",
  "/opt",
  tmpdir(),
  homedir(),
];

/** Every file and folder there that looks like one of the servers', with the time and size of what it holds: the same later, if none was touched. */
export async function systemFolders(): Promise<string[]> {
  const listed = await Promise.all(parents.map(list));
  const paths = listed.flat().filter((path) => names.test(path));
  const inside = await Promise.all(paths.map(list));
  return (await Promise.all([...paths, ...inside.flat()].map(describe))).toSorted();
}

async function list(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).map((name) => join(path, name));
  } catch (error) {
    if (["ENOTDIR", "ENOENT", "EACCES"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

async function describe(path: string): Promise<string> {
  const { mtimeMs, size } = await stat(path);
  return `${path} ${mtimeMs} ${size}`;
}
