import type { Outcome, Result, RouteFigure } from "./schema.ts";

/** A figure for tests: 1000 requests a second of `GET /file/query`, half of what bare Hono does. */
export function figure(fields: Partial<RouteFigure> = {}): RouteFigure {
  const latencyMs = { p50: 0.5, p975: 2, p99: 3 };
  return {
    route: "GET /file/query",
    title: "by id",
    place: "drive",
    connections: 8,
    requests: 3000,
    perSecond: { median: 1000, low: 900, high: 1100 },
    latencyMs,
    processes: { sluice: { cpuSeconds: 1.5, rssBytes: 100e6 } },
    floors: { hono: { perSecond: { median: 2000, low: 1900, high: 2100 }, latencyMs } },
    ...fields,
  };
}

/** A result for tests, of one scenario that is called so. */
export function resultOf(outcome: Partial<Outcome>): Result {
  return {
    version: 1,
    date: "2026-11-21T03:00:00.000Z",
    commit: "0123456789ab",
    quick: false,
    tool: "autocannon",
    machine: { cpu: "A CPU", cores: 2, memoryBytes: 24 * 2 ** 30, kernel: "6.1" },
    versions: { bun: "1.4.5" },
    outcomes: { scenario: { rows: [], goals: [], ...outcome } },
  };
}
