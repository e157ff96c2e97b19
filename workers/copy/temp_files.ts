import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "#lib/errors/mod.ts";

/** Where bytes wait that are on their way from one store to another. */
const folderOf = (dataDir: string) => join(dataDir, "tmp");

/** A name for the bytes of a copy, as this claim on it (`fence`) brings them; what earlier ones left is removed. */
export async function tempFile(dataDir: string, copyId: string, fence: number): Promise<string> {
  const folder = folderOf(dataDir);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (name.startsWith(`${copyId}-`)) await rm(join(folder, name), { force: true });
  return join(folder, `${copyId}-${fence}`);
}

/** Removes what was left before `before` (epoch milliseconds) by processes that were killed. @returns how many files. */
export async function sweepTempFiles(dataDir: string, before: number): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(folderOf(dataDir))) {
    const path = join(folderOf(dataDir), name);
    if (!/^[0-9A-Z]{26}-\d+$/.test(name) || (await writtenAt(path)) >= before) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // A drive of one store has no such folder.
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** What is gone by now is as good as just written: nothing is left to be removed. */
async function writtenAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return Number.POSITIVE_INFINITY;
    throw error;
  }
}
