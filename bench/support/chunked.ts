import { Crc32, crc32Hex, createHasher } from "#lib/bytes/mod.ts";

import type { Account, FileJson, StatusJson } from "./account.ts";
import type { JobResult, Outgoing } from "./job.ts";
import { makePattern } from "./pattern.ts";

const chunkBytes = 8 * 2 ** 20;
/** Each chunk is cut from the pattern so far behind the one before: no two are alike, and one misplaced is noticed. */
const stride = 64 * 1024;
const pattern = makePattern();

/** The body of chunk `index` (1-based) of every upload of the pattern. */
export function chunkBody(index: number) {
  return [{ kind: "cut" as const, at: cutOf(index), bytes: chunkBytes, times: 1 }];
}

/** Opens an upload of `chunks` chunks of 8 MiB. */
export async function openUpload(account: Account, chunks: number): Promise<string> {
  const body = { name: "bench.bin", size: chunks * chunkBytes, chunkSize: chunkBytes };
  return (await account.json<{ uploadId: string }>(201, "POST", "/file/mpupload/init", body)).uploadId;
}

/** The requests that send all its chunks. */
export function chunkRequests({ url, headers }: Account, uploadId: string, chunks: number): Outgoing[] {
  return Array.from({ length: chunks }, (_, i) => ({
    method: "PUT",
    url: `${url}/file/mpupload/uppart?uploadid=${uploadId}&index=${i + 1}`,
    headers,
    body: chunkBody(i + 1),
  }));
}

/** @throws {Error} unless every chunk was acknowledged with the CRC-32 of what was sent. */
export function checkChunks({ answers }: JobResult): void {
  for (const [i, { body }] of answers.entries()) {
    const crc = new Crc32();
    crc.update(bytesOf(i + 1));
    const expected = JSON.stringify({ index: i + 1, size: chunkBytes, crc32: crc32Hex(crc.value) });
    if (body !== expected) throw new Error(`chunk ${i + 1} was answered ${body}, must be ${expected}`);
  }
}

/** Completes the upload and waits for its file. @throws {Error} unless its SHA-1 is that of what was sent. */
export async function checkWhole(account: Account, uploadId: string, chunks: number): Promise<void> {
  await account.json(202, "POST", "/file/mpupload/complete", { uploadId });
  const file = await doneFile(account, uploadId);
  const sha1 = createHasher("sha1");
  for (let index = 1; index <= chunks; index++) sha1.update(bytesOf(index));
  const expected = Buffer.from(sha1.digest()).toString("hex");
  if (file.sha1 !== expected) throw new Error(`the file has SHA-1 ${file.sha1}, must have ${expected}`);
  await account.json(204, "POST", "/file/delete", { id: file.id });
}

/** Waits until an upload is done. @returns its file. */
export async function doneFile(account: Account, uploadId: string): Promise<FileJson> {
  for (;;) {
    const status = await account.json<StatusJson>(200, "GET", `/file/mpupload/status?uploadid=${uploadId}`);
    if (status.state === "done") return await account.json(200, "GET", `/file/query?id=${status.fileId}`);
    if (status.state !== "verifying") throw new Error(`upload ${uploadId} is ${JSON.stringify(status)}`);
    await Bun.sleep(10);
  }
}

/** Waits until the store has a file, so that no worker has anything to do for it. */
export async function storedFile(account: Account, id: string): Promise<FileJson> {
  for (;;) {
    const file = await account.json<FileJson>(200, "GET", `/file/query?id=${id}`);
    if (file.state === "stored") return file;
    // Each look takes CPU of the two cores that a push is measured on.
    await Bun.sleep(50);
  }
}

function cutOf(index: number): number {
  return ((index - 1) * stride) % (pattern.byteLength - chunkBytes);
}

function bytesOf(index: number): Uint8Array {
  return pattern.subarray(cutOf(index), cutOf(index) + chunkBytes);
}
