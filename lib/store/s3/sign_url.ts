import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

import type { SignedUrlOptions } from "../port.ts";

/** "The maximum value is 604800 seconds", seven days (Signature Version 4, X-Amz-Expires). */
const maxSeconds = 604_800;

/**
 * A URL for a GET of one object, with any range, until `expiresAt` (seven days at most). No request is made: whether the
 * object is there shows when the URL is used.
 */
export async function signUrl(
  at: { client: S3Client; bucket: string; key: string },
  { expiresAt, contentType, contentDisposition }: SignedUrlOptions,
): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: at.bucket,
    Key: at.key,
    ResponseContentType: contentType,
    ResponseContentDisposition: contentDisposition,
  });
  const seconds = Math.ceil((expiresAt - Date.now()) / 1000);
  return await getSignedUrl(at.client, command, { expiresIn: Math.min(Math.max(seconds, 1), maxSeconds) });
}
