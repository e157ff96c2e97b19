import { expect } from "bun:test";

import { type Client, hashOf, until } from "./client.ts";
import { type BlobRow, type DataDir, objectHash, readDataDir, type UploadRow } from "./data_dir.ts";

/** A file that somebody was told is there. */
export interface Expected {
  client: Client;
  name: string;
  bytes: Uint8Array;
}

/** How uploads may have ended beside those that are done. */
export interface Endings {
  failed?: number;
  cancelled?: number;
  /** Uploads that were done, and whose file is deleted since. */
  deleted?: number;
}

/**
 * Waits until a drive has nothing left to do, and asserts that it holds just these files, whole, each once, and nothing
 * else: as if nothing had ever happened to it.
 */
export async function expectSettled(dataDir: string, expected: Expected[], endings: Endings = {}): Promise<void> {
  await until(
    async () => unsettled(await readDataDir(dataDir)),
    ({ length }) => length === 0,
  );
  const data = await readDataDir(dataDir);
  expect(data.files.map(({ name }) => name).toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
  expectBlobs(data, expected);
  await Promise.all(data.blobs.map((blob) => expectObject(dataDir, blob)));
  expectUploads(data, endings);
  for (const file of expected) await expectDownload(file);
}

/** What waits for a worker, or is only passing through: nothing of it where a drive is at rest. */
function unsettled({ spool, unfinished, files, blobs, uploads }: DataDir): string[] {
  const ended = new Set(["done", "failed", "cancelled"]);
  const isBusy = ({ lease_owner, lease_until }: BlobRow | UploadRow) => lease_owner !== null || lease_until !== 0;
  return [
    ...uploads.filter((row) => !ended.has(row.state) || isBusy(row)).map((row) => `upload ${JSON.stringify(row)}`),
    ...blobs.filter((row) => row.state !== "stored" || isBusy(row)).map((row) => `blob ${JSON.stringify(row)}`),
    ...files.filter((row) => row.deleted_at !== null).map((row) => `deleted file ${JSON.stringify(row)}`),
    ...spool.map((name) => `spool file ${name}`),
    ...unfinished.map((name) => `unfinished put ${name}`),
  ];
}

function expectBlobs({ blobs, files, objects }: DataDir, expected: Expected[]): void {
  const contents = new Set(expected.map(({ bytes }) => hashOf("sha256", bytes)));
  expect(new Set(blobs.map(({ sha256 }) => sha256))).toEqual(contents);
  expect(blobs).toHaveLength(contents.size);
  expect(blobs.map(({ key }) => key).toSorted()).toEqual(objects);
  for (const { sha1, live_sha1, spool_id } of blobs) expect({ live_sha1, spool_id }).toEqual({ live_sha1: sha1, spool_id: null });
  const ids = new Set(blobs.map(({ id }) => id));
  expect(files.filter(({ blob_id }) => !ids.has(blob_id))).toEqual([]);
}

async function expectObject(dataDir: string, { key, sha256 }: BlobRow): Promise<void> {
  expect(await objectHash(dataDir, key ?? "")).toBe(sha256);
}

/** Every upload that is done has a file of its own. */
function expectUploads({ uploads, files }: DataDir, { failed = 0, cancelled = 0, deleted = 0 }: Endings): void {
  const ended = (state: string) => uploads.filter((upload) => upload.state === state);
  expect({ failed: ended("failed").length, cancelled: ended("cancelled").length }).toEqual({ failed, cancelled });
  const made = ended("done").map(({ file_id }) => file_id);
  expect(new Set(made).size).toBe(made.length);
  const ids = new Set(files.map(({ id }) => id));
  expect(made.filter((id) => id === null || !ids.has(id))).toHaveLength(deleted);
}

async function expectDownload({ client, name, bytes }: Expected): Promise<void> {
  const { files } = await client.json<{ files: { id: string; name: string; state: string }[] }>(200, "/file/query?limit=100");
  const file = files.find((f) => f.name === name);
  expect(file?.state).toBe("stored");
  expect(hashOf("sha1", await client.download(file?.id ?? ""))).toBe(hashOf("sha1", bytes));
}
