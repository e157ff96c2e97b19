/** The slope of the line that lies nearest to points, by least squares. @throws {RangeError} when there are fewer than two. */
export function slopeOf(points: [x: number, y: number][]): number {
  if (points.length < 2) throw new RangeError(`a slope through ${points.length} points was asked for`);
  const mean = (of: (point: [number, number]) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const covariance = mean(([x, y]) => (x - meanX) * (y - meanY));
  return covariance / mean(([x]) => (x - meanX) ** 2);
}
