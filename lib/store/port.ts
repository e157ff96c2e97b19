import type { SpanDigest } from "../bytes/mod.ts";

/** A span of bytes: `offset` is where it begins. */
export interface ByteRange {
  offset: number;
  length: number;
}

/** What a store says it holds under a key. */
export interface StoredObject {
  size: number;
  /** When it was put, epoch milliseconds. */
  modifiedAt: number;
}

/** An object as a listing shows it. */
export interface ListedObject extends StoredObject {
  key: string;
}

/** Which part of a listing is wanted. */
export interface ListOptions {
  /** Keys that begin with this; all of them where it is empty. */
  prefix: string;
  /** Keys after this one; from the first on where it is empty. It need not be there. */
  after: string;
  /** Objects at most, 1 to 1000. */
  limit: number;
}

export interface PutSource {
  /** A local file that nobody changes while it is put. */
  path: string;
  size: number;
  /** SHA-256 of the bytes, lower-case hex; stores that can check it do. */
  sha256: string;
  /** What is known already of {@link Store.spansToDigest}. The bytes are sent as these, and refused where they are others. */
  digests?: readonly SpanDigest[];
}

export interface SignedUrlOptions {
  expiresAt: number;
  contentType: string;
  contentDisposition: string;
}

/**
 * Where bytes end up: objects under keys (`ab/cd/<sha1>-<id>`), never changed once put. Every call takes a signal
 * and fails within the engine's own timeouts with {@link AppError} `unavailable` when the store cannot be reached.
 */
export interface Store {
  /** Which engine this is, for start-up lines, `readyz` and the `store` column. */
  readonly engine: string;
  /**
   * Puts a file; a half is never visible. Putting a key again gives the same object.
   * @throws {AppError} `checksum-mismatch` when the store holds other bytes than were sent.
   */
  put(key: string, source: PutSource, signal: AbortSignal): Promise<void>;
  /**
   * Of what spans of a file of `size` bytes a put needs the MD5: it computes what it is not given. None where the store is sent no
   * MD5s, or cannot be reached yet.
   */
  spansToDigest(size: number): ByteRange[];
  /**
   * The object's bytes, or a range of them, as a body that a `Response` takes. One that breaks off fails when it is read, with
   * whatever error its engine has: it never ends early.
   * @throws {AppError} `content-lost`.
   */
  get(key: string, range: ByteRange | undefined, signal: AbortSignal): Promise<Blob | ReadableStream<Uint8Array>>;
  /** What lies there, or `null`. */
  head(key: string, signal: AbortSignal): Promise<StoredObject | null>;
  /** Deletes; what is not there is fine. */
  delete(key: string, signal: AbortSignal): Promise<void>;
  /** The path of the object where it is a local file (for sendfile), else `null`. */
  path(key: string): string | null;
  /** A URL at which the store itself serves the object, else `null`. */
  signedUrl(key: string, options: SignedUrlOptions): Promise<string | null>;
  /**
   * Objects in the order of their keys' bytes: `limit` of them or fewer, none only where there are no more. What was put or
   * deleted meanwhile may be in it or not; what has no key that could be Sluice's is left out.
   */
  list(options: ListOptions, signal: AbortSignal): Promise<ListedObject[]>;
  /** How many unfinished puts begun before `before` (epoch milliseconds) a {@link Store.sweep} would remove. */
  countStale(before: number, signal: AbortSignal): Promise<number>;
  /** Removes unfinished puts begun before `before` (epoch milliseconds). @returns how many. */
  sweep(before: number, signal: AbortSignal): Promise<number>;
  /** Rejects when the store cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
