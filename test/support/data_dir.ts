import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rename, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

import { until } from "./client.ts";

/** All that a drive keeps, read past it: the folders as they lie there, and the rows. */
export interface DataDir {
  /** Names of files in the spool. */
  spool: string[];
  /** Names of unfinished puts. */
  unfinished: string[];
  /** Keys of objects in the store. */
  objects: string[];
  files: FileRow[];
  blobs: BlobRow[];
  uploads: UploadRow[];
}

export interface FileRow {
  id: string;
  name: string;
  blob_id: string;
  sha1: string;
  size: number;
  deleted_at: number | null;
}

export interface BlobRow {
  id: string;
  sha1: string;
  live_sha1: string | null;
  sha256: string;
  size: number;
  state: string;
  spool_id: string | null;
  key: string | null;
  lease_owner: string | null;
  lease_until: number;
}

export interface UploadRow {
  id: string;
  name: string;
  state: string;
  error: string | null;
  file_id: string | null;
  lease_owner: string | null;
  lease_until: number;
}

/** Reads a data folder, whether or not a drive runs on it. */
export async function readDataDir(dataDir: string): Promise<DataDir> {
  const store = join(dataDir, "store");
  // With `STORES` the objects are elsewhere.
  const stored = existsSync(store) ? await listFiles(store) : [];
  return {
    ...readRows(dataDir),
    spool: await listFiles(join(dataDir, "spool")),
    unfinished: stored.filter((path) => path.startsWith("tmp/")),
    objects: stored.filter((path) => !path.startsWith("tmp/")),
  };
}

/** Reads it again and again until it is as wanted. */
export async function untilDataDir(dataDir: string, isWanted: (data: DataDir) => boolean): Promise<DataDir> {
  return await until(() => readDataDir(dataDir), isWanted);
}

/**
 * Makes the unfinished puts that a killed process has left as old as they have to be for the sweep to remove them
 * (a day), since nobody can tell a put that hangs from one that is dead.
 */
export async function ageUnfinished(dataDir: string): Promise<void> {
  const folder = join(dataDir, "store/tmp");
  const then = Date.now() - 25 * 3_600_000;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    await utimes(path, then / 1000, then / 1000);
    await rename(path, join(folder, name.replace(/^\d+/, String(then))));
  }
}

/** Makes all files of the spool as old as one without a row has to be for the sweep to remove it (a day). */
export async function ageSpool(dataDir: string): Promise<void> {
  const folder = join(dataDir, "spool");
  const then = Date.now() / 1000 - 25 * 3600;
  for (const name of await readdir(folder)) await utimes(join(folder, name), then, then);
}

/** SHA-256 of an object's bytes, lower-case hex. */
export async function objectHash(dataDir: string, key: string): Promise<string> {
  const bytes = await Bun.file(join(dataDir, "store", key)).bytes();
  return createHash("sha256").update(bytes).digest("hex");
}

/** The path of an upload's bytes in the spool, or of its chunk log. */
export function spoolPath(dataDir: string, id: string, kind: "data" | "log" = "data"): string {
  return join(dataDir, "spool", `${id}.${kind}`);
}

function readRows(dataDir: string): Pick<DataDir, "files" | "blobs" | "uploads"> {
  using catalog = new Database(join(dataDir, "catalog.sqlite"), { readonly: true });
  catalog.run("PRAGMA busy_timeout = 5000");
  return {
    files: catalog.query<FileRow, []>("SELECT id, name, blob_id, sha1, size, deleted_at FROM files ORDER BY id").all(),
    blobs: catalog
      .query<BlobRow, []>(
        "SELECT id, sha1, live_sha1, sha256, size, state, spool_id, key, lease_owner, lease_until FROM blobs ORDER BY id",
      )
      .all(),
    uploads: catalog
      .query<UploadRow, []>("SELECT id, name, state, error, file_id, lease_owner, lease_until FROM uploads ORDER BY id")
      .all(),
  };
}

/** Files below a folder, by their path in it. */
async function listFiles(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  const isFile = await Promise.all(
    paths.map((path) =>
      stat(join(folder, path)).then(
        (s) => s.isFile(),
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => isFile[i]).toSorted();
}
