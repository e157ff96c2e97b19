/** What a plan must not have on a table that grows. SQLite's words, then MariaDB's. */
const faults: [what: string, pattern: RegExp][] = [
  ["reads a whole table or index", /\bSCAN \w+|^(\d+ × )?([\w ]+: )?\w+ (ALL|index)\b/],
  ["sorts or gathers beside the index", /\bUSE TEMP B-TREE\b|\bUsing (filesort|temporary)\b/],
];

/** What is wrong with a plan. */
export function faultsOf(plan: string): string[] {
  const steps = plan.split("; ");
  return faults.filter(([, pattern]) => steps.some((step) => pattern.test(step))).map(([what]) => what);
}
