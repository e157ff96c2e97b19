import type { Logged, LogStamp, NewLog, Spool } from "../spool/port.ts";
import type { ChunkSet } from "./chunk_set.ts";

/** As much of a spool as progress is read from. */
export type Logs = Pick<Spool, "readLog" | "logStamp">;

/**
 * A fast index over the chunk logs of the spool: which chunks of an upload are there. It may forget at any time;
 * what it does not know it reads from the log again. The log is the truth, and it lies on one node, the upload's own.
 */
export interface Progress {
  /** Which engine this is, for start-up lines and `readyz`. */
  readonly engine: string;
  /**
   * The chunks received, as far as the log says so now: exact on the node that has the log, and none at all elsewhere.
   * The set is the caller's own copy.
   */
  received(id: string, chunkCount: number): Promise<ChunkSet>;
  /**
   * The chunks received as far as this node can know: exact where the log is; elsewhere a state that the log was in, as
   * its node last told, mostly milliseconds ago; `null` when nothing is known. For showing to people: whoever decides on
   * it asks the upload's node. An engine that cannot be reached counts as knowing nothing, after a second at most.
   */
  peek(id: string, chunkCount: number): Promise<ChunkSet | null>;
  /** Notes that a log was made, in which there is nothing: it need not be read then. */
  begin(id: string, chunkCount: number, made: NewLog): void;
  /** Notes how chunk `index` went into the log: that it need not be read, where nothing else was added meanwhile. */
  add(id: string, index: number, logged: Logged): void;
  /**
   * How the log of an upload looked when this knew all that was in it, and chunk `index` was not; `null` where that cannot be told.
   * While the log looks so the chunk is missing (see the spool's `writeAtOnce`).
   */
  stampWithout(id: string, index: number): LogStamp | null;
  /** Forgets an upload: it ended, or its spool file was made anew. */
  drop(id: string): Promise<void>;
  /** Rejects when the engine cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
