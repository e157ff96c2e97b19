import type { Checksum, SpanDigest } from "../bytes/mod.ts";

/** One chunk that the spool holds. */
export interface ChunkRecord {
  /** 1-based. */
  index: number;
  /** Bytes. */
  size: number;
  /** CRC-32 (ISO-HDLC, as of zip and gzip), unsigned. */
  crc32: number;
}

/**
 * A line of a chunk log: a chunk came in, or one was found torn and is awaited again; or, once all was verified, what a span of
 * the file hashes to.
 */
export type LogEntry =
  | ({ kind: "received" } & ChunkRecord)
  | { kind: "reopened"; index: number }
  | ({ kind: "digested" } & SpanDigest);

/** A piece of a chunk log. */
export interface LogTail {
  /** In the order of what happened. */
  entries: LogEntry[];
  /** Where the last whole record ends, bytes. */
  end: number;
  /**
   * Which log this is: 26 characters or more. A log that is made anew has another, which as a rule sorts after that of the
   * one before. What a log has once said stays said, so `born` and `end` together name a state of it. `null` when there
   * is no log.
   */
  born: string | null;
}

/** A chunk log as it looks from outside: the same again means that nothing was added, and that it was not made anew. */
export interface LogStamp {
  /** Another for a log that was made anew, as far as the system tells them apart; see `born` of {@link LogTail}. */
  file: string;
  /** Bytes. */
  size: number;
  /** Last change, epoch milliseconds with their fraction. */
  changedAt: number;
}

/** A log that was just made. */
export interface NewLog {
  born: string;
  stamp: LogStamp;
}

/** How a record went into a log. */
export interface Logged {
  /** Bytes that the record takes. */
  bytes: number;
  /** The log right after. */
  stamp: LogStamp;
}

/** A chunk that the spool has taken. */
export interface WrittenChunk {
  record: ChunkRecord;
  logged: Logged;
}

/** A chunk on its way into the spool. */
export interface ChunkWrite {
  id: string;
  /** 1-based. */
  index: number;
  /** Where its first byte lies in the file. */
  offset: number;
  /** Its exact length in bytes. */
  size: number;
  /** The spool is done with a piece when it asks for the next. */
  body: AsyncIterable<Uint8Array>;
  /** What the client says the bytes hash to. */
  checksum?: Checksum;
  /** Drops the write: nothing is logged, and the promise rejects with the signal's reason. */
  signal: AbortSignal;
}

/** A chunk that is there whole, to be written without waiting for anything. */
export interface ChunkAtOnce extends Omit<ChunkWrite, "body" | "signal"> {
  bytes: Uint8Array;
  /** How the log looks to whoever knows all of it, and that the chunk is not in it. It is written only while it looks so. */
  onto: LogStamp;
}

/** What lies in the spool under one id. */
export interface SpoolEntry {
  id: string;
  /** Last change of its bytes, epoch milliseconds. */
  modifiedAt: number;
  /** What it takes of the disk, bytes: of a sparse file less than its size. */
  diskBytes: number;
}

/**
 * Bytes that no object store has confirmed yet: one sparse file per upload (`<id>.data`) with every byte at its
 * final offset, and beside it the log of the chunks it holds (`<id>.log`). A chunk counts once its line is in the
 * log; a line that is cut or does not match its own CRC-32 counts for nothing.
 *
 * Every method that takes an id throws `RangeError` when it does not have the shape of an id. A full disk is
 * {@link AppError} `no-space`.
 */
export interface Spool {
  /** Makes the sparse file of `size` bytes and a log without entries, in place of what may lie there. */
  create(id: string, size: number): Promise<NewLog>;
  /**
   * Writes a chunk at its offset, then its log line.
   * @throws {AppError} `wrong-chunk-size` when the body is longer or shorter than `size`, `checksum-mismatch`,
   *   `content-lost` when the spool file is not there (any more).
   */
  writeChunk(write: ChunkWrite): Promise<WrittenChunk>;
  /**
   * As `writeChunk`, in this turn of the event loop: nothing comes between the look at the log and the record in it.
   * @returns `null` where that cannot be: the log looks different, a disk is slow or full, a file is gone. Nothing counts then,
   *   and `writeChunk` is to be asked, which tells what it is.
   * @throws {AppError} `wrong-chunk-size`, `checksum-mismatch`, before anything is written.
   */
  writeAtOnce(write: ChunkAtOnce): WrittenChunk | null;
  /**
   * Writes a whole file of unknown length (a form upload), in order, and makes it durable.
   * @returns its length. On any failure nothing is left behind.
   */
  writeAll(id: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number>;
  /**
   * Log entries from byte `from` on, which is 0 or an `end` of an earlier answer of the same `born`. No log, or one that
   * ends before `from`: none, and `end` 0.
   */
  readLog(id: string, from?: number): Promise<LogTail>;
  /** How the log looks now; `null` when there is none. A fifth of what reading no news costs. */
  logStamp(id: string): Promise<LogStamp | null>;
  /** Says in the log that chunk `index` is torn and awaited again. */
  reopen(id: string, index: number): Promise<void>;
  /** Says in the log what spans of the file hash to, as found when it was verified: see `digestsIn`. */
  noteDigests(id: string, digests: readonly SpanDigest[]): Promise<void>;
  /** Makes bytes and log durable (fdatasync). @throws {AppError} `content-lost` when the file is not there. */
  sync(id: string): Promise<void>;
  /** The path of the bytes, for `Bun.file`, sendfile and stores. */
  path(id: string): string;
  /** Whether the bytes are there, `size` of them. */
  has(id: string, size: number): Promise<boolean>;
  /** Removes bytes and log; what is not there is fine. */
  remove(id: string): Promise<void>;
  /** What lies in the spool. */
  list(): Promise<SpoolEntry[]>;
  /** Bytes that the spool's disk can still take. */
  freeBytes(): Promise<number>;
}
