/** What a span of a file hashes to. */
export interface SpanDigest {
  /** Where it begins, bytes. */
  offset: number;
  length: number;
  /** Lower-case hex. */
  md5: string;
}
