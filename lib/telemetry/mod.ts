/**
 * Telemetry: one logger and one registry of metrics per process, passed on to whoever needs them.
 *
 * ```ts
 * const log = createLogger({ level: config.LOG_LEVEL });
 * const metrics = createMetrics({ onError: (err, gauge) => log.warn({ err, gauge }, "a gauge failed") });
 * metrics.gauge({ name: "sluice_uploads_open", help: "Open uploads.", collect: (signal) => uploads.countOpen(signal) });
 * metrics.request({ method: "GET", route: "/file/query", status: 200, seconds: 0.002 });
 * ```
 */
export type { GaugeOptions } from "./gauges.ts";
export { createLogger, type Logger, type LoggerOptions } from "./logger.ts";
export { createMetrics, type JobObservation, type Metrics, type MetricsOptions } from "./metrics.ts";
export type { RequestObservation } from "./request_series.ts";
