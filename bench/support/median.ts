/** The middle one; of an even number the mean of the middle two. @throws {RangeError} when there are none. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError("the median of nothing was asked for");
  return (low + high) / 2;
}
