import { open } from "node:fs/promises";

import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

import type { S3Access } from "../../test/stack/mod.ts";
import { accountAt } from "./account.ts";
import { storedFile } from "./chunked.ts";
import type { BenchCluster } from "./cluster.ts";
import { curl, curlGet, curlRanges, type Transfer } from "./transfer.ts";
import { type UploadedFile, uploadFile } from "./upload_file.ts";
import { uploadInChunks } from "./upload_in_chunks.ts";

const partBytes = 16 * 2 ** 20;

/** Ways of a file to and from Ceph, each beside what bounds it: RGW asked directly, the first of its group. */
export interface CephTransfers {
  download: Transfer[];
  /** The same in four ranges at once. */
  ranges: Transfer[];
  push: Transfer[];
  /** A push that hashes what it sends itself. */
  formPush: Transfer;
}

/** @param path of a file of `bytes` bytes, which the cluster has `stored`; its first bytes are changed with each push. */
export async function cephTransfers(
  { url, s3 }: BenchCluster,
  path: string,
  bytes: number,
  stored: UploadedFile,
): Promise<CephTransfers> {
  const direct = await directUrl(s3, bytes);
  const parts = await splitFile(path, bytes);
  return {
    download: [
      { name: "Ceph: get from RGW by curl", run: () => curlGet(direct, bytes) },
      { name: "Ceph: get through the front", run: () => curlGet(url + stored.path, bytes, stored.headers) },
    ],
    ranges: [
      { name: "Ceph: four ranges from RGW by curl", run: () => curlRanges(direct, bytes) },
      { name: "Ceph: four ranges through the front", run: () => curlRanges(url + stored.path, bytes, stored.headers) },
    ],
    push: [
      { name: "Ceph: put to RGW by 4 curls, 16 MiB each", run: () => putByCurl(s3, parts) },
      { name: "Ceph: push by the worker", run: () => pushOnce(url, path, uploadInChunks) },
    ],
    formPush: { name: "Ceph: push by the worker, of a form", run: () => pushOnce(url, path, uploadFile) },
  };
}

/**
 * From when a file is verified until it is `stored`, as the drive itself says. Each time another content: what the drive has is not
 * pushed again.
 */
async function pushOnce(url: string, path: string, upload: typeof uploadInChunks): Promise<number> {
  await using file = await open(path, "r+");
  await file.write(crypto.getRandomValues(new Uint8Array(64)), 0, 64, 0);
  const spooled = await upload(url, path);
  const { uploadedAt, updatedAt } = await storedFile(accountAt(url, spooled.headers), spooled.file.id);
  return (Date.parse(updatedAt) - Date.parse(uploadedAt)) / 1000;
}

function s3Client({ endpoint, region, accessKeyId, secretAccessKey }: S3Access): S3Client {
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
}

/** A signed URL of the very object that the drive has stored: how an object was put bears on how fast it is got. */
async function directUrl(s3: S3Access, bytes: number): Promise<string> {
  const client = s3Client(s3);
  const { Contents: objects = [] } = await client.send(new ListObjectsV2Command({ Bucket: s3.bucket }));
  const [stored, ...others] = objects.filter(({ Size }) => Size === bytes);
  if (!stored || others.length > 0) throw new Error(`the bucket must hold one object of ${bytes} bytes`);
  return await getSignedUrl(client, new GetObjectCommand({ Bucket: s3.bucket, Key: stored.Key }), { expiresIn: 3600 });
}

async function splitFile(path: string, bytes: number): Promise<string[]> {
  await using file = await open(path);
  const parts = Array.from({ length: bytes / partBytes }, (_, i) => `${path}.${i}`);
  const piece = Buffer.alloc(partBytes);
  for (const [i, part] of parts.entries()) {
    await file.read(piece, 0, partBytes, i * partBytes);
    await Bun.write(part, piece);
  }
  return parts;
}

/** Four curls, each with one connection and every fourth part: as parallel as the worker's own put. */
async function putByCurl(s3: S3Access, parts: string[]): Promise<number> {
  const client = s3Client(s3);
  const run = crypto.randomUUID();
  const signed = (i: number) => getSignedUrl(client, new PutObjectCommand({ Bucket: s3.bucket, Key: `bench/${run}/${i}` }));
  const commands = await Promise.all(
    [0, 1, 2, 3].map(async (first) => {
      const own = [...parts.entries()].filter(([i]) => i % 4 === first);
      const puts = await Promise.all(
        own.map(async ([i, part]) => ["-o", "/dev/null", "-H", "Expect:", "-T", part, await signed(i)]),
      );
      return puts.flatMap((put, i) => (i === 0 ? put : ["--next", "-sS", "--fail", ...put]));
    }),
  );
  const begin = performance.now();
  await Promise.all(commands.map(curl));
  return (performance.now() - begin) / 1000;
}
