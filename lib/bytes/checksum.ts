/** The algorithms that a chunk's `Upload-Checksum` may name. */
export const checksumAlgorithms = ["crc32", "sha1", "sha256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** A digest that a client announced. */
export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** The digest's bytes; a CRC-32 is big-endian. */
  digest: Uint8Array;
}

const digestBytes = { crc32: 4, sha1: 20, sha256: 32 } as const satisfies Record<ChecksumAlgorithm, number>;

/**
 * Parses `Upload-Checksum: <algorithm> <base64>` (the form of tus 1.0, extension "Checksum").
 *
 * @returns `null` when the algorithm is unknown or the digest does not have its length.
 */
export function parseChecksum(header: string): Checksum | null {
  const [name, encoded, ...rest] = header.trim().split(/\s+/);
  const algorithm = checksumAlgorithms.find((a) => a === name?.toLowerCase());
  if (!algorithm || !encoded || rest.length > 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null;
  const digest = Buffer.from(encoded, "base64");
  return digest.byteLength === digestBytes[algorithm] ? { algorithm, digest } : null;
}
