import type { ChunkSet } from "./chunk_set.ts";

/**
 * A fast index over the chunk logs of the spool: which chunks of an upload are there. It may forget at any time;
 * what it does not know it reads from the log again.
 */
export interface Progress {
  /** Which engine this is, for start-up lines and `readyz`. */
  readonly engine: string;
  /** The chunks received, as far as the log says so now. The set is the caller's own copy. */
  received(id: string, chunkCount: number): Promise<ChunkSet>;
  /** Notes that the log now holds chunk `index`. Call it after the log line is written, never before. */
  add(id: string, index: number): Promise<void>;
  /** Forgets an upload: it ended, or its spool file was made anew. */
  drop(id: string): Promise<void>;
  /** Rejects when the engine cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
