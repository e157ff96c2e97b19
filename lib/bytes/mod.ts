/** Bytes: checksums as clients announce them, and hashers that are fed piece by piece. */
export { type Checksum, type ChecksumAlgorithm, checksumAlgorithms, parseChecksum } from "./checksum.ts";
export { Crc32, crc32Hex, createHasher, type Hasher } from "./hasher.ts";
export type { SpanDigest } from "./span_digest.ts";
export { streamOf } from "./stream_of.ts";
