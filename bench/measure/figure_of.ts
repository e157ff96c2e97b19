import type { RouteFigure } from "../result/schema.ts";
import { median } from "../support/median.ts";
import { spreadOf } from "../support/spread.ts";
import type { Run } from "./run_once.ts";

/** The figure of some runs: what stands for all of them. */
export function figureOf(runs: Run[]): Pick<RouteFigure, "requests" | "perSecond" | "latencyMs" | "processes"> {
  const latency = (key: keyof Run["latency"]) => median(runs.map((run) => run.latency[key]));
  return {
    requests: runs.reduce((sum, { requests }) => sum + requests, 0),
    perSecond: spreadOf(runs.map(({ perSecond }) => perSecond)),
    latencyMs: { p50: latency("p50"), p975: latency("p975"), p99: latency("p99") },
    processes: processesOf(runs),
  };
}

function processesOf(runs: Run[]): RouteFigure["processes"] {
  const names = Object.keys(runs.at(-1)?.processes ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const cpuSeconds = runs.reduce((sum, { processes }) => sum + (processes[name]?.cpuSeconds ?? 0), 0);
      return [name, { cpuSeconds, rssBytes: runs.at(-1)?.processes[name]?.rssBytes ?? 0 }];
    }),
  );
}
