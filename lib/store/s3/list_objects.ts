import { ListObjectsV2Command } from "@aws-sdk/client-s3";

import { isObjectKey } from "../object_key.ts";
import type { ListedObject, ListOptions } from "../port.ts";
import { ask } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import type { Connection } from "./connection.ts";

/**
 * The objects below the connection's prefix: "List results are always returned in UTF-8 binary order" (S3, ListObjectsV2,
 * general purpose buckets).
 */
export async function listObjects(s3: Connection, options: ListOptions, signal: AbortSignal): Promise<ListedObject[]> {
  const { prefix, limit } = options;
  let { after } = options;
  for (;;) {
    const command = new ListObjectsV2Command({
      Bucket: s3.bucket,
      Prefix: s3.prefix + prefix,
      MaxKeys: limit,
      ...(after !== "" && { StartAfter: s3.prefix + after }),
    });
    const page = await ask(quickly(s3, "listing objects", signal), async (abortSignal) =>
      s3.client.send(command, { abortSignal }),
    );
    const found = page.Contents ?? [];
    const listed = found.flatMap(({ Key = "", Size = 0, LastModified }) => {
      const key = Key.slice(s3.prefix.length);
      return isObjectKey(key) ? [{ key, size: Size, modifiedAt: LastModified?.getTime() ?? 0 }] : [];
    });
    const last = found.at(-1)?.Key;
    // A page of nothing but strangers is not the end.
    if (listed.length > 0 || page.IsTruncated !== true || last === undefined) return listed;
    after = last.slice(s3.prefix.length);
  }
}
