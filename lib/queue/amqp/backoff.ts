const firstMs = 200;
const longestMs = 10_000;

/** How long to wait before trying again, after so many failures in a row: doubled each time, half of it chance, 10 s at most. */
export function backoffMs(failures: number, chance: () => number = Math.random): number {
  const most = Math.min(longestMs, firstMs * 2 ** failures);
  return most / 2 + (most / 2) * chance();
}
