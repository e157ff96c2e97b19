import { withRetry, type RetryOptions } from "../api/retry.ts";
import { sleep } from "../api/sleep.ts";
import type { UploadStatus } from "../api/wire.ts";
import type { UploadParts } from "./upload_parts.ts";

const firstPollMs = 200;
const longestPollMs = 10_000;

/**
 * Waits until an upload is no longer `verifying` or `fetching`: told by the event stream, or asking at growing intervals where
 * that is missing. `open` comes back when the drive found a chunk torn and wants it again.
 *
 * @param onStatus Told what each look has found.
 */
export async function follow(
  { client, feed }: Pick<UploadParts, "client" | "feed">,
  last: UploadStatus,
  retry: RetryOptions,
  onStatus: (status: UploadStatus) => void = () => {},
): Promise<UploadStatus> {
  const { uploadId } = last;
  const { signal } = retry;
  for (let polls = 0; last.state === "verifying" || last.state === "fetching"; polls++) {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const poll = async () => {
      await sleep(Math.min(longestPollMs, firstPollMs * 1.6 ** polls), either);
      return withRetry(() => client.uploadStatus(uploadId, either), { ...retry, signal: either });
    };
    last = await Promise.race([feed.next(uploadId, either), poll()]).finally(() => over.abort());
    onStatus(last);
  }
  return last;
}
