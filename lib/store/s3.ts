import { DeleteObjectCommand, HeadBucketCommand } from "@aws-sdk/client-s3";

import { objectKey } from "./object_key.ts";
import type { Store } from "./port.ts";
import { ask } from "./remote/ask.ts";
import { quickly } from "./remote/question.ts";
import { readCa } from "./remote/read_ca.ts";
import { refusalOf } from "./remote/refusal.ts";
import { clientOf, connect } from "./s3/connection.ts";
import { get, head } from "./s3/get.ts";
import { listObjects } from "./s3/list_objects.ts";
import { openBucket } from "./s3/open_bucket.ts";
import { put } from "./s3/put.ts";
import { partsOf } from "./s3/put_parts.ts";
import { parseS3Url } from "./s3/s3_url.ts";
import { signUrl } from "./s3/sign_url.ts";
import { countMultiparts, sweepMultiparts } from "./s3/sweep_multiparts.ts";

/**
 * Objects in a bucket of Ceph or of any other S3, which is made where it is missing. Bucket and prefix are Sluice's alone.
 * Nothing is held in memory but where the store is asked over TLS: then `parallel` parts of `partBytes`.
 *
 * @param url see {@link parseS3Url}.
 * @throws {AppError} `invalid-request` or `unavailable` that names STORE_URL, never the secret. {@link RangeError} from
 * every call, for a key that is not one.
 */
export async function s3Store(url: string): Promise<Store> {
  const settings = parseS3Url(url);
  const s3 = connect(settings, await readCa(settings));
  const signer = settings.publicEndpoint === undefined ? s3.client : clientOf(settings, settings.publicEndpoint);
  const nameOf = (key: string) => s3.prefix + objectKey(key);
  try {
    await openBucket(s3);
  } catch (error) {
    s3.client.destroy();
    throw error;
  }

  return {
    engine: "s3",
    async put(key, source, signal) {
      await put({ s3, key: nameOf(key), source, signal });
    },
    spansToDigest(size) {
      return partsOf(size, settings).map(({ offset, size: length }) => ({ offset, length }));
    },
    async get(key, range, signal) {
      return await get(s3, nameOf(key), range, signal);
    },
    async head(key, signal) {
      return await head(s3, nameOf(key), signal);
    },
    async delete(key, signal) {
      const command = new DeleteObjectCommand({ Bucket: s3.bucket, Key: nameOf(key) });
      await ask(quickly(s3, `deleting ${key}`, signal), async (abortSignal) => {
        try {
          await s3.client.send(command, { abortSignal });
        } catch (error) {
          // Most answer 204 for what is not there; some say so.
          if (refusalOf(error)?.name !== "NoSuchKey") throw error;
        }
      });
    },
    path(key) {
      objectKey(key);
      return null;
    },
    async signedUrl(key, options) {
      return await signUrl({ client: signer, bucket: s3.bucket, key: nameOf(key) }, options);
    },
    async list(options, signal) {
      return await listObjects(s3, options, signal);
    },
    async countStale(before, signal) {
      return await countMultiparts(s3, before, signal);
    },
    async sweep(before, signal) {
      return await sweepMultiparts(s3, before, signal);
    },
    async check(signal) {
      const command = new HeadBucketCommand({ Bucket: s3.bucket });
      await ask(quickly(s3, "asking for the bucket", signal), async (abortSignal) => s3.client.send(command, { abortSignal }));
    },
    async close() {
      s3.client.destroy();
      signer.destroy();
    },
  };
}
