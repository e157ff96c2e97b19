import type { S3Settings } from "./s3_url.ts";

/** Slower than this, a request has as good as stopped: 128 KiB a second. */
const leastBytesPerSecond = 2 ** 17;

/** How often a request with a file as its body is sent in all: with the delays between, an outage of some ten seconds passes. */
export const fileAttempts = 8;

/**
 * How long a request may take that sends `size` bytes. What has stopped is found after `idleTimeout`; this ends what goes
 * on for ever at next to nothing, and what does not come as far as being connected.
 */
export function sendingMs({ answerTimeout, idleTimeout }: S3Settings, size: number): number {
  return answerTimeout + idleTimeout + Math.ceil((size / leastBytesPerSecond) * 1000);
}
