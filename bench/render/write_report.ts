import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Outcome, Result } from "../result/schema.ts";
import { barChart } from "./bars.ts";
import { latencyChart } from "./latencies.ts";
import { markdownReport } from "./markdown.ts";
import { sizesChart } from "./sizes_chart.ts";

/** Writes the report into a folder: `latest.md`, `latest.json`, and the charts. */
export async function writeReport(folder: string, result: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  const charts: Record<string, string[]> = {};
  for (const [scenario, outcome] of Object.entries(result.outcomes)) {
    const drawn = chartsOf(outcome);
    charts[scenario] = Object.keys(drawn);
    for (const [file, svg] of Object.entries(drawn)) await Bun.write(join(folder, file), svg);
  }
  await Bun.write(join(folder, "latest.json"), `${JSON.stringify(result, null, 2)}\n`);
  await Bun.write(join(folder, "latest.md"), markdownReport(result, charts));
}

/** The charts of an outcome, by the name of their file. */
function chartsOf({ routes = [], sizes }: Outcome): Record<string, string> {
  const places = Object.entries(Object.groupBy(routes, ({ place }) => place));
  const drawn = places.flatMap(([place, figures = []]): [string, string][] => {
    const busiest = middleOf(figures.map(({ connections }) => connections));
    const bars = barChart(
      place,
      busiest,
      figures.filter(({ connections }) => connections === busiest),
    );
    const latency = latencyChart(place, figures);
    return [
      [`rates-${place}.svg`, bars],
      ...(latency === undefined ? [] : [[`latency-${place}.svg`, latency] as [string, string]]),
    ];
  });
  return { ...Object.fromEntries(drawn), ...(sizes && { "sizes.svg": sizesChart(sizes) }) };
}

/** Of 1, 8 and 64 the 8: neither a client alone nor a queue. */
function middleOf(values: number[]): number {
  const sorted = [...new Set(values)].toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}
