import {
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";

import { newId } from "#lib/id/mod.ts";
import { s3Store } from "#lib/store/s3.ts";

import type { S3Access } from "../stack/mod.ts";

/** A bucket of a suite's own, seen by a client that is not the drive's. */
export interface S3Bucket {
  name: string;
  client: S3Client;
  /** The store's URL, with further parameters. */
  url(parameters?: Record<string, string>): string;
  /** How many multipart uploads are under way. */
  unfinished(): Promise<number>;
  /** Begins one that nobody will end. */
  leaveUnfinished(): Promise<void>;
  /** The names of the objects. */
  keys(): Promise<string[]>;
  /** Removes all of it. */
  remove(): Promise<void>;
}

/** A name for a bucket; opening a store on it makes it. */
export function s3Bucket(access: S3Access): S3Bucket {
  const { endpoint, region, accessKeyId, secretAccessKey } = access;
  const name = `sluice-${newId().toLowerCase()}`;
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  const Bucket = name;
  const keys = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key = "" }) => Key);
  };
  return {
    name,
    client,
    keys,
    url: (parameters = {}) => s3Url(access, name, parameters),
    async unfinished() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads.length;
    },
    async leaveUnfinished() {
      await client.send(new CreateMultipartUploadCommand({ Bucket, Key: `left/${newId()}` }));
    },
    async remove() {
      const store = await s3Store(s3Url(access, name));
      await store.sweep(Number.MAX_SAFE_INTEGER, AbortSignal.timeout(60_000));
      await store.close();
      for (let found = await keys(); found.length > 0; found = await keys()) {
        await Promise.all(found.map(async (Key) => client.send(new DeleteObjectCommand({ Bucket, Key }))));
      }
      await client.send(new DeleteBucketCommand({ Bucket }));
      client.destroy();
    },
  };
}

/** `STORE_URL` of a bucket. */
export function s3Url(access: S3Access, bucket: string, parameters: Record<string, string> = {}): string {
  const { protocol, host } = new URL(access.endpoint);
  const credentials = [access.accessKeyId, access.secretAccessKey].map(encodeURIComponent).join(":");
  const query = new URLSearchParams({ region: access.region, ...parameters });
  return `s3:${protocol}//${credentials}@${host}/${bucket}?${query.toString()}`;
}
