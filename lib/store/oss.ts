import { objectKey } from "./object_key.ts";
import { connect } from "./oss/connection.ts";
import { get, head } from "./oss/get.ts";
import { listObjects } from "./oss/list_objects.ts";
import { lookAtBucket, openBucket } from "./oss/open_bucket.ts";
import { parseOssUrl } from "./oss/oss_url.ts";
import { put } from "./oss/put.ts";
import { signUrl } from "./oss/sign_url.ts";
import { abortUpload, openUploads } from "./oss/uploads.ts";
import type { Store } from "./port.ts";
import { ask } from "./remote/ask.ts";
import { quickly } from "./remote/question.ts";
import { readCa } from "./remote/read_ca.ts";

/**
 * Objects in a bucket of Aliyun OSS, which is there already. Bucket and prefix are Sluice's alone. A put that is broken off leaves the
 * parts that arrived to the next put of that key, in this process or another. Nothing is held in memory but where the store is asked
 * over TLS: then `parallel` parts of `partBytes`.
 *
 * @param url see {@link parseOssUrl}.
 * @throws {AppError} `invalid-request` or `unavailable` that names STORE_URL, never the secret. {@link RangeError} from every call, for
 * a key that is not one.
 */
export async function ossStore(url: string): Promise<Store> {
  const settings = parseOssUrl(url);
  const oss = connect(settings, await readCa(settings));
  const nameOf = (key: string) => oss.prefix + objectKey(key);
  await openBucket(oss);

  return {
    engine: "oss",
    async put(key, source, signal) {
      await put({ oss, key: nameOf(key), source, signal });
    },
    // Its own CRC-64 is what it is compared by.
    spansToDigest: () => [],
    async get(key, range, signal) {
      return await get(oss, nameOf(key), range, signal);
    },
    async head(key, signal) {
      return await head(oss, nameOf(key), signal);
    },
    async delete(key, signal) {
      const name = nameOf(key);
      await ask(quickly(oss, `deleting ${key}`, signal), async (signal) =>
        oss.ask({ signal }, async (client) => client.delete(name)),
      );
    },
    path(key) {
      objectKey(key);
      return null;
    },
    async signedUrl(key, options) {
      return await signUrl(oss, nameOf(key), options);
    },
    async list(options, signal) {
      return await listObjects(oss, options, signal);
    },
    async countStale(before, signal) {
      let count = 0;
      for await (const { initiatedAt } of openUploads(oss, oss.prefix, signal)) if (initiatedAt < before) count += 1;
      return count;
    },
    async sweep(before, signal) {
      let aborted = 0;
      for await (const upload of openUploads(oss, oss.prefix, signal)) {
        if (upload.initiatedAt < before && (await abortUpload(oss, upload, signal))) aborted += 1;
      }
      return aborted;
    },
    async check(signal) {
      await lookAtBucket(oss, signal);
    },
    async close() {},
  };
}
