import { expect, test } from "bun:test";

import { Counter, Histogram, Registry } from "prom-client";

import { createRequestSeries } from "./request_series.ts";

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

test("says what prom-client would say of the same requests", async () => {
  const registers = [new Registry()];
  const labelNames = ["method", "route", "status"];
  const counter = new Counter({ name: "http_requests_total", help: "Requests answered.", labelNames, registers });
  const histogram = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time to answer.",
    labelNames: ["method", "route"],
    buckets,
    registers,
  });
  const series = createRequestSeries();
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  expect(lines(series.text())).toEqual(lines((await registers[0]?.metrics()) ?? ""));
  // Also on a bound, below the first and above the last.
  const times = [...buckets, ...buckets.map((bound) => bound + 2 ** -20), 0, 2 ** -20, 61, 1e6];
  for (const [i, seconds] of times.entries()) {
    for (const route of ["/file/query", '/odd"\\\n{x}']) {
      const [method, status] = [i % 2 === 0 ? "GET" : "POST", [200, 404, 500][i % 3] ?? 0];
      counter.inc({ method, route, status });
      histogram.observe({ method, route }, seconds);
      series.observe({ method, route, status, seconds });
    }
  }
  // The sums differ in the last digits, since they are added up in another order.
  const sorted = (text: string) =>
    lines(text)
      .map((line) => (line.includes("_sum{") ? line.replace(/ (\S+)$/, (_, sum) => ` ${Number(sum).toFixed(6)}`) : line))
      .toSorted();
  expect(sorted(series.text())).toEqual(sorted((await registers[0]?.metrics()) ?? ""));
});
