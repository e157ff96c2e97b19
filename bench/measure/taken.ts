import type { Usage } from "../support/usage.ts";

/** What processes have taken between two looks at them, and what memory they have in the end. */
export type Taken = Record<string, Pick<Usage, "cpuSeconds" | "rssBytes">>;

/** Of a process that was started in between, all that it took. */
export function takenBetween(before: Record<string, Usage>, after: Record<string, Usage>): Taken {
  const each = Object.entries(after).map(([process, { cpuSeconds, rssBytes }]) => {
    const taken = Math.max(0, cpuSeconds - (before[process]?.cpuSeconds ?? 0));
    return [process, { cpuSeconds: taken, rssBytes }] as const;
  });
  return Object.fromEntries(each);
}
