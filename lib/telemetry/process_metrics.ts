import { collectDefaultMetrics, type Registry } from "prom-client";

/**
 * Those of prom-client's default metrics that say something true under Bun 1.4.5. The others are constant zeros
 * (handles, requests, resources, V8's heap spaces), stay empty (`gc`), tell the version of the Node.js that Bun imitates,
 * or count JavaScriptCore's reserved address space as heap (`process_heap_bytes`: 6 GB in an empty process).
 */
const sound = new Set([
  "process_cpu_user_seconds_total",
  "process_cpu_system_seconds_total",
  "process_cpu_seconds_total",
  "process_start_time_seconds",
  "process_resident_memory_bytes",
  "process_virtual_memory_bytes",
  "process_open_fds",
  "process_max_fds",
  "nodejs_eventloop_lag_seconds",
  "nodejs_eventloop_lag_min_seconds",
  "nodejs_eventloop_lag_max_seconds",
  "nodejs_eventloop_lag_mean_seconds",
  "nodejs_eventloop_lag_stddev_seconds",
  "nodejs_eventloop_lag_p50_seconds",
  "nodejs_eventloop_lag_p90_seconds",
  "nodejs_eventloop_lag_p99_seconds",
  "nodejs_heap_size_total_bytes",
  "nodejs_heap_size_used_bytes",
  "nodejs_external_memory_bytes",
]);

/**
 * Adds what the process knows of itself: CPU, memory, descriptors, event loop lag. Asked for before anything else is in
 * the registry, for all but the sound ones are then taken out of it.
 */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) {
    if (!sound.has(name)) registry.removeSingleMetric(name);
  }
}
