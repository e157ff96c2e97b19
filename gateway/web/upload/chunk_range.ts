/** Where chunk `index` (1-based) of a file of `size` bytes begins and ends; the last one is shorter. */
export function chunkRange(size: number, chunkSize: number, index: number): [start: number, end: number] {
  const start = (index - 1) * chunkSize;
  return [start, Math.min(size, start + chunkSize)];
}
