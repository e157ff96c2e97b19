import { Database } from "bun:sqlite";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { z } from "zod";

import { AppError, systemCode } from "../errors/mod.ts";

/** A held data folder. */
export interface DataDirLock {
  /** Writes down where this process listens, for whoever is refused. */
  announce: (url: string) => Promise<void>;
  /** Lets the folder go. The kernel does, too, however the process ends. */
  release: () => Promise<void>;
}

const holderSchema = z.object({ pid: z.number(), startedAt: z.string(), url: z.string().nullable() });
type Holder = z.infer<typeof holderSchema>;

/** Keeps the locks of this process reachable: Bun closes a database that is garbage, and the lock would go with it. */
const held = new Set<Database>();

/**
 * Takes a data folder (made if need be) for this process alone, until `release` or the end of the process, `kill -9`
 * included. Two drives on one folder would write each other's spool.
 *
 * The lock is SQLite's, on `<dir>/lock.sqlite`, for Bun has no flock(2). It is a POSIX record lock: nothing else of this
 * process may open that file, since closing *any* descriptor of it would let the lock go. `<dir>/lock.json` only tells
 * a refused process who holds it.
 *
 * @throws {AppError} `unavailable` when another process, or this one, holds the folder. Blocks for up to 200 ms before.
 */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  const note = join(folder, "lock.json");
  const database = lock(join(folder, "lock.sqlite"));
  if (database === null) throw new AppError("unavailable", await refusal(folder, note));
  held.add(database);
  const holder: Holder = { pid: process.pid, startedAt: new Date().toISOString(), url: null };
  await write(note, holder);
  return {
    announce: (url) => write(note, { ...holder, url }),
    async release() {
      if (!held.delete(database)) return;
      await rm(note, { force: true });
      database.close();
    },
  };
}

/** @returns the locked database, or `null` when another has it. */
function lock(path: string): Database | null {
  const database = new Database(path, { create: true });
  try {
    // Two that start at once may each see the other's first step; waiting a moment lets one of them win.
    database.run("PRAGMA busy_timeout = 200");
    database.run("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (systemCode(error) === "SQLITE_BUSY") return null;
    throw new AppError("unavailable", `${path} cannot be locked`, { cause: error });
  }
}

async function write(note: string, holder: Holder): Promise<void> {
  const aside = `${note}.new`;
  await writeFile(aside, JSON.stringify(holder));
  await rename(aside, note);
}

async function refusal(folder: string, note: string): Promise<string> {
  const holder = await read(note);
  if (holder === null) return `the data folder ${folder} is used by another process`;
  const where = holder.url === null ? "" : `, listening on ${holder.url}`;
  return `the data folder ${folder} is used by process ${holder.pid} since ${holder.startedAt}${where}`;
}

/** `null` when the holder has not written it yet; the lock itself is what counts. */
async function read(note: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(note, "utf8")));
  } catch {
    return null;
  }
}
