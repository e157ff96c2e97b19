export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, each with where it stands and why: shown once more at the very end, which may be all that is kept of a long run. */
  failures: string[];
}

export const none: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function sum(all: Counts[]): Counts {
  const add = (key: "passed" | "failed" | "skipped") => all.reduce((total, counts) => total + counts[key], 0);
  const failures = all.flatMap((counts) => counts.failures);
  return { passed: add("passed"), failed: add("failed"), skipped: add("skipped"), failures };
}
