import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";

import { isAppError } from "#lib/errors/mod.ts";
import { type DataDirLock, lockDataDir } from "#lib/lifecycle/mod.ts";

import { openSite, type Site } from "./site.ts";

/** A path of a unix socket is at most 107 bytes (unix(7)); the longest below the folder is `replica/tmp/mysqld.sock`. */
const maxDirBytes = 80;

/** How long one that starts may keep another waiting: an install, and a start on a slow disk. */
const patienceMs = 300_000;

/**
 * Runs `task` on a folder, made if need be for its owner only, while nobody else starts or ends servers there: of two that
 * start at once, the second finds what the first has started.
 *
 * @throws {Error} when the folder's path is longer than 80 bytes.
 */
export async function withSite<T>(folder: string, task: (site: Site) => Promise<T>): Promise<T> {
  const dir = resolve(folder);
  if (Buffer.byteLength(dir) > maxDirBytes) {
    throw new Error(`the stack's folder ${dir} must be at most ${maxDirBytes} bytes long, for the sockets below it`);
  }
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lock = await take(dir, Date.now() + patienceMs);
  try {
    return await task(await openSite(dir));
  } finally {
    await lock.release();
  }
}

async function take(dir: string, until: number): Promise<DataDirLock> {
  for (;;) {
    try {
      return await lockDataDir(dir);
    } catch (error) {
      if (!isAppError(error) || Date.now() > until) throw error;
      await Bun.sleep(50);
    }
  }
}
