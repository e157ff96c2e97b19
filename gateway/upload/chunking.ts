export const minChunkBytes = 256 * 1024;
export const maxChunkBytes = 64 * 1024 * 1024;
const defaultChunkBytes = 8 * 1024 * 1024;
const maxChunks = 10_000;

/** How a file is cut. Sizes in bytes. */
export interface Chunking {
  size: number;
  chunkSize: number;
  chunkCount: number;
}

/** Cuts a file of `size` bytes into chunks of the size asked for, grown (in whole 256 KiB) to at most 10,000 of them. */
export function cutIntoChunks(size: number, asked: number = defaultChunkBytes): Chunking {
  const least = Math.ceil(size / maxChunks / minChunkBytes) * minChunkBytes;
  const chunkSize = Math.max(asked, least);
  return { size, chunkSize, chunkCount: Math.ceil(size / chunkSize) };
}

/** Where chunk `index` (1-based) lies. The last one is what remains. */
export function chunkSpan({ size, chunkSize }: Chunking, index: number): { offset: number; size: number } {
  const offset = (index - 1) * chunkSize;
  return { offset, size: Math.min(chunkSize, size - offset) };
}
