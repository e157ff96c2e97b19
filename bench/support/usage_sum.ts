import type { Usage } from "./usage.ts";

/** What several processes take together. */
export function usageSum(usages: Usage[]): Usage {
  const of = (key: keyof Usage) => usages.reduce((total, usage) => total + usage[key], 0);
  return { cpuSeconds: of("cpuSeconds"), rssBytes: of("rssBytes"), peakBytes: of("peakBytes") };
}
