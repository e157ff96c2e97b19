export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The totals on the root element of a JUnit report; zeros where there is none. */
export async function readReport(path: string): Promise<Counts> {
  const file = Bun.file(path);
  const root = (await file.exists()) ? (/<testsuites[^>]*>/.exec(await file.text())?.[0] ?? "") : "";
  const read = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const [tests, failed, skipped] = [read("tests"), read("failures"), read("skipped")];
  return { passed: tests - failed - skipped, failed, skipped };
}

export function sum(all: Counts[]): Counts {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const counts of all) for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
  return total;
}
