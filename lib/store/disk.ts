import { access, constants, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { AppError, diskFullAsNoSpace, systemCode } from "../errors/mod.ts";
import { syncFolder } from "../lifecycle/mod.ts";
import { fillAside } from "./fill_aside.ts";
import { folderMaker } from "./folder_maker.ts";
import { listFolder } from "./list_folder.ts";
import { objectKey } from "./object_key.ts";
import type { PutSource, Store, StoredObject } from "./port.ts";
import { asideName, staleAside, sweepAside } from "./sweep_aside.ts";

/**
 * Objects as files below `root`, which is made if need be. A put fills a file in `<root>/tmp` (a hard link of the
 * source where it lies on the same filesystem: O(1), and no second copy on the disk) and renames it; when it resolves,
 * bytes and names survive a power cut. Folders that become empty stay: removing one could fail a put into it.
 *
 * @throws {RangeError} from every call, for a key that is not one or lies in `tmp/`.
 */
export async function diskStore(root: string): Promise<Store> {
  const base = resolve(root);
  const aside = join(base, "tmp");
  const makeFolder = folderMaker(base);
  await makeFolder(aside);
  const pathOf = (key: string) => join(base, outsideAside(objectKey(key)));

  return {
    engine: "disk",
    async put(key, source, signal) {
      signal.throwIfAborted();
      const target = pathOf(key);
      const temp = join(aside, asideName());
      try {
        await place(source, temp, target, makeFolder, signal);
      } catch (error) {
        await mustBeMounted(aside);
        throw diskFullAsNoSpace(error, `storing ${key}`);
      } finally {
        await rm(temp, { force: true });
      }
    },
    spansToDigest: () => [],
    async get(key, range, signal) {
      signal.throwIfAborted();
      const path = pathOf(key);
      if ((await lookIn(aside, path)) === null)
        throw new AppError("content-lost", `reading ${key}: the store holds no such object`);
      const file = Bun.file(path);
      return range ? file.slice(range.offset, range.offset + range.length) : file;
    },
    async head(key, signal) {
      signal.throwIfAborted();
      return await lookIn(aside, pathOf(key));
    },
    async delete(key, signal) {
      signal.throwIfAborted();
      await remove(pathOf(key));
      // Of a disk that is away, nothing was deleted.
      await mustBeMounted(aside);
    },
    path: pathOf,
    async signedUrl() {
      return null;
    },
    async list(options, signal) {
      signal.throwIfAborted();
      await mustBeMounted(aside);
      return await listFolder(base, options, signal);
    },
    async countStale(before, signal) {
      signal.throwIfAborted();
      return (await staleAside(aside, before, signal)).length;
    },
    async sweep(before, signal) {
      signal.throwIfAborted();
      return await sweepAside(aside, before, signal);
    },
    async check(signal) {
      signal.throwIfAborted();
      await checkWritable(aside);
    },
    async close() {},
  };
}

function outsideAside(key: string): string {
  if (/^tmp(\/|$)/i.test(key)) throw new RangeError(`"${key}" is not a key: tmp/ is for unfinished puts`);
  return key;
}

async function place(
  source: PutSource,
  temp: string,
  target: string,
  makeFolder: (folder: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // The same key is the same content (it is made of the SHA-1 and the blob's id), and a half is never under a key.
  const isThere = (await look(target))?.size === source.size;
  if (!isThere) await fillAside(source, temp, signal);
  signal.throwIfAborted();
  // Also for what was there: whoever put it may not have come as far as making it durable.
  await makeFolder(dirname(target));
  if (!isThere) await rename(temp, target);
  await syncFolder(dirname(target));
}

/**
 * The object at `path`, or `null`. Its time is the inode's change time: a hard link keeps the modification time of
 * its source, and what the change time errs by (unlinking the source moves it) makes an object look newer, never older.
 */
async function look(path: string): Promise<StoredObject | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? { size: found.size, modifiedAt: Math.floor(found.ctimeMs) } : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** As {@link look}, but of a disk that is away it does not say that the object is lost. */
async function lookIn(aside: string, path: string): Promise<StoredObject | null> {
  const found = await look(path);
  if (found === null) await mustBeMounted(aside);
  return found;
}

/** The folder of unfinished puts is made when the store is opened, so that where it is not, another disk is, or none. */
async function mustBeMounted(aside: string): Promise<void> {
  try {
    await access(aside, constants.F_OK);
  } catch (error) {
    throw new AppError("unavailable", `the store's folder ${aside} is not there`, { cause: error, retryAfterSeconds: 5 });
  }
}

/** Synced, so that a purged object does not come back with the power. */
async function remove(path: string): Promise<void> {
  try {
    await rm(path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "");
}

async function checkWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new AppError("unavailable", `the store's folder ${folder} cannot be written`, { cause: error });
  }
}
