/** A part of an object. `number` counts from 1. */
export interface Part {
  number: number;
  offset: number;
  size: number;
}

/** "Maximum number of parts per upload: 10,000" (S3, multipart upload limits; OSS has the same). */
const maxParts = 10_000;
const mebibyte = 2 ** 20;

/** Parts of `partBytes`, the last one shorter; longer ones, of whole mebibytes, where there would be too many. */
export function planParts(size: number, partBytes: number): Part[] {
  const isTooMany = size > maxParts * partBytes;
  const bytes = isTooMany ? Math.ceil(size / maxParts / mebibyte) * mebibyte : partBytes;
  return Array.from({ length: Math.ceil(size / bytes) }, (_, at) => {
    const offset = at * bytes;
    return { number: at + 1, offset, size: Math.min(bytes, size - offset) };
  });
}
