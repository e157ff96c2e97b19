import { NetworkError } from "../api/network_error.ts";
import { ProblemError } from "../api/problem_error.ts";
import { retryDelayMs, withRetry, type RetryOptions } from "../api/retry.ts";
import { sleep } from "../api/sleep.ts";
import type { UploadStatus } from "../api/wire.ts";
import { ChunkProgress } from "./chunk_progress.ts";
import { chunkRange } from "./chunk_range.ts";
import type { UploadParts } from "./upload_parts.ts";

/** An open upload whose chunks are to be sent. */
export interface Transfer {
  uploadId: string;
  chunkSize: number;
  file: File;
  signal: AbortSignal;
  /** Told how many of the file's bytes the drive has, those on their way included. */
  onBytes: (bytes: number) => void;
  onWait: NonNullable<RetryOptions["onWait"]>;
}

type Parts = Pick<UploadParts, "client" | "hasher" | "chunks">;

/** No file takes all places of the pool while another one waits, but each may. */
const lanes = 4;
/** After so many failures without an answer, ask what the drive holds: it may have refused before the body was through. */
const chunkNetworkAttempts = 3;

/**
 * Sends the chunks that the drive lacks, and completes the upload. The drive's word on what it holds is asked for
 * at the beginning and after each disagreement; it is the only truth.
 *
 * @returns The status, with a state other than `open`.
 */
export async function transfer(parts: Parts, job: Transfer): Promise<UploadStatus> {
  let fewest = Infinity;
  for (let failures = 0; ; failures++) {
    const status = await withRetry(() => parts.client.uploadStatus(job.uploadId, job.signal), job);
    if (status.state !== "open") return status;
    if (status.missing.length < fewest) failures = 0;
    fewest = Math.min(fewest, status.missing.length);
    try {
      await sendMissing(parts, job, status.missing);
      return await withRetry(() => parts.client.completeUpload(job.uploadId, job.signal), job);
    } catch (error) {
      await sleep(disagreementDelayMs(error, failures + 1), job.signal);
    }
  }
}

/** @throws `error` itself, unless asking for the status may settle it. */
function disagreementDelayMs(error: unknown, failures: number): number {
  const conflict = error instanceof ProblemError && error.status === 409;
  if (!conflict && !(error instanceof NetworkError)) throw error;
  // A 409 is waited out like a 503, so that two sides that never agree end after as many rounds.
  const delayMs = retryDelayMs(conflict ? new ProblemError(503, error.code, error.message) : error, failures);
  if (delayMs === null) throw error;
  return delayMs;
}

async function sendMissing(parts: Parts, job: Transfer, missing: number[]): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  const progress = new ChunkProgress(job.file.size - sizeOf(job, missing));
  job.onBytes(progress.bytes);
  const queue = missing.values();
  const lane = async () => {
    for (const index of queue) await parts.chunks.run(() => sendChunk(parts, { ...job, signal }, index, progress), signal);
  };
  const running = Array.from({ length: lanes }, lane);
  try {
    await Promise.all(running);
  } finally {
    // The next round must not meet this round's requests.
    failed.abort();
    await Promise.allSettled(running);
  }
}

async function sendChunk({ client, hasher }: Parts, job: Transfer, index: number, progress: ChunkProgress): Promise<void> {
  const { uploadId, signal, onWait } = job;
  const chunk = job.file.slice(...chunkRange(job.file.size, job.chunkSize, index));
  const moved = (bytes: number) => {
    progress.move(index, bytes);
    job.onBytes(progress.bytes);
  };
  const send = async () => {
    moved(0);
    const checksum = await hasher.run({ kind: "checksum", chunk }, signal);
    await client.putChunk(uploadId, index, { body: chunk, checksum, signal, onProgress: moved });
  };
  await withRetry(send, { signal, onWait, networkAttempts: chunkNetworkAttempts });
  progress.hold(index, chunk.size);
  job.onBytes(progress.bytes);
}

function sizeOf({ file, chunkSize }: Transfer, indexes: number[]): number {
  return indexes.reduce((sum, index) => {
    const [start, end] = chunkRange(file.size, chunkSize, index);
    return sum + end - start;
  }, 0);
}
