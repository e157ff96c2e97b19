import { Counter, Histogram, Registry } from "prom-client";

import { createGauges, type GaugeOptions } from "./gauges.ts";
import { addProcessMetrics } from "./process_metrics.ts";
import { createRequestSeries, type RequestObservation } from "./request_series.ts";

/** One run of a worker's job. */
export interface JobObservation {
  worker: string;
  verdict: string;
  seconds: number;
}

export type ScrubResult = "whole" | "lost" | "wrong-size" | "damaged";

/** What the process tells Prometheus. */
export interface Metrics {
  request(observation: RequestObservation): void;
  job(observation: JobObservation): void;
  /** Bytes of files received. */
  bytesIn(bytes: number): void;
  /** Bytes of files sent. */
  bytesOut(bytes: number): void;
  /** A video was not streamed, for too many were. */
  streamRefused(): void;
  /** An object of a store was read and compared with what it must be. */
  scrubbed(result: ScrubResult): void;
  /** Adds a value that is asked for at each scrape. @throws {Error} when the name is taken. */
  gauge(options: GaugeOptions): void;
  /** The `Content-Type` of a scrape. */
  readonly contentType: string;
  /** All values, in Prometheus' text format. A gauge that fails is left out and reported. */
  scrape(signal: AbortSignal): Promise<string>;
}

export interface MetricsOptions {
  /** Told what a gauge's `collect` rejected with. */
  onError: (error: unknown, gauge: string) => void;
}

/** From an instant purge to the push of terabytes. */
const jobSeconds = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200];

/** Metrics in a registry of their own, so that two drives in one process (as in tests) do not meet. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  addProcessMetrics(registry);
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });

  const requests = createRequestSeries();
  const bytesIn = counter("sluice_bytes_in_total", "Bytes of files received.", []);
  const bytesOut = counter("sluice_bytes_out_total", "Bytes of files sent.", []);
  const refused = counter("sluice_streams_refused_total", "Videos not streamed, for too many were.", []);
  const scrubs = counter("sluice_scrubbed_objects_total", "Stored objects that were read and compared.", ["result"]);
  const jobs = counter("sluice_jobs_total", "Runs of a worker's jobs.", ["worker", "verdict"]);
  const jobTimes = histogram("sluice_job_duration_seconds", "Time of a run of a job.", ["worker"], jobSeconds);
  const gauges = createGauges(registry, options.onError);

  return {
    request: (observation) => requests.observe(observation),
    job({ worker, verdict, seconds }) {
      jobs.inc({ worker, verdict });
      jobTimes.observe({ worker }, seconds);
    },
    bytesIn: (bytes) => bytesIn.inc(bytes),
    bytesOut: (bytes) => bytesOut.inc(bytes),
    streamRefused: () => refused.inc(),
    scrubbed: (result) => scrubs.inc({ result }),
    gauge: (options) => gauges.add(options),
    contentType: registry.contentType,
    async scrape(signal) {
      await gauges.collect(signal);
      // What was not measured since the last scrape prom-client writes as "Nan", which the format does not have.
      const own = (await registry.metrics()).replaceAll(/ Nan$/gm, " NaN");
      return `${own}\n${requests.text()}`;
    },
  };
}
