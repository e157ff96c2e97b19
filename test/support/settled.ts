import { expect } from "bun:test";

import { type Client, hashOf } from "./client.ts";
import { type BlobRow, type DataDir, objectHash, untilDataDir } from "./data_dir.ts";

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
}

/**
 * Waits until a drive has nothing left to do, and asserts that it holds just these files, whole, each once, and nothing
 * else: as if nothing had ever happened to it.
 */
export async function expectSettled(dataDir: string, expected: Expected[], endings: Endings = {}): Promise<void> {
  const data = await untilDataDir(dataDir, isSettled);
  expect(data.files.map(({ name }) => name).toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
  expectBlobs(data, expected);
  await Promise.all(data.blobs.map((blob) => expectObject(dataDir, blob)));
  expectUploads(data, endings);
  for (const file of expected) await expectDownload(file);
}

/** Whether nothing waits for a worker, and nothing that is only passing through is left. */
export function isSettled({ spool, unfinished, files, blobs, uploads }: DataDir): boolean {
  const isQuiet = [...blobs, ...uploads].every((row) => row.lease_owner === null && row.lease_until === 0);
  const isFinal =
    blobs.every(({ state }) => state === "stored") &&
    uploads.every(({ state }) => ["done", "failed", "cancelled"].includes(state)) &&
    files.every(({ deleted_at }) => deleted_at === null);
  return isQuiet && isFinal && spool.length === 0 && unfinished.length === 0;
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
function expectUploads({ uploads, files }: DataDir, { failed = 0, cancelled = 0 }: Endings): void {
  const ended = (state: string) => uploads.filter((upload) => upload.state === state);
  expect({ failed: ended("failed").length, cancelled: ended("cancelled").length }).toEqual({ failed, cancelled });
  const made = ended("done").map(({ file_id }) => file_id);
  expect(new Set(made).size).toBe(made.length);
  const ids = new Set(files.map(({ id }) => id));
  expect(made.filter((id) => id === null || !ids.has(id))).toEqual([]);
}

async function expectDownload({ client, name, bytes }: Expected): Promise<void> {
  const { files } = await client.json<{ files: { id: string; name: string; state: string }[] }>(200, "/file/query?limit=100");
  const file = files.find((f) => f.name === name);
  expect(file?.state).toBe("stored");
  expect(hashOf("sha1", await client.download(file?.id ?? ""))).toBe(hashOf("sha1", bytes));
}
