/** One answered request. `route` is the route's pattern, never the path: each value is a time series of its own. */
export interface RequestObservation {
  method: string;
  route: string;
  status: number;
  seconds: number;
}

/** Requests answered, by method, route and status, and how long they took, by method and route. */
export interface RequestSeries {
  observe(observation: RequestObservation): void;
  /** All of it in Prometheus' text format. */
  text(): string;
}

/** From a cached answer to a chunk of 64 MiB over a slow line. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What is counted of the requests of one method, route and status. */
interface Series {
  labels: string;
  status: number;
  count: number;
  sum: number;
  /** How many took no longer than each bound, and longer than the one before; last, those longer than all. */
  within: number[];
}

/**
 * Counts what each request tells. By hand, because prom-client sorts, checks and hashes the labels of each observation:
 * 0.5 µs in a loop and 2 in a gateway under load, where this takes 0.05 and 0.2.
 */
export function createRequestSeries(): RequestSeries {
  const series = new Map<string, Series>();
  return {
    observe({ method, route, status, seconds }) {
      const key = `${status} ${method} ${route}`;
      let found = series.get(key);
      if (found === undefined) series.set(key, (found = emptySeries(method, route, status)));
      found.count += 1;
      found.sum += seconds;
      let i = 0;
      while (seconds > (bounds[i] ?? Number.POSITIVE_INFINITY)) i++;
      found.within[i] = (found.within[i] ?? 0) + 1;
    },
    text: () => [counts([...series.values()]), times([...series.values()])].join("\n"),
  };
}

function emptySeries(method: string, route: string, status: number): Series {
  const labels = `method="${escaped(method)}",route="${escaped(route)}"`;
  return { labels, status, count: 0, sum: 0, within: [...bounds, 0].fill(0) };
}

/** Prometheus' text format, version 0.0.4: backslash, quote and line feed are escaped in the value of a label. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function counts(all: Series[]): string {
  const name = "http_requests_total";
  const lines = all.map(({ labels, status, count }) => `${name}{${labels},status="${status}"} ${count}\n`);
  return `# HELP ${name} Requests answered.\n# TYPE ${name} counter\n${lines.join("")}`;
}

function times(all: Series[]): string {
  const name = "http_request_duration_seconds";
  const lines = [...Map.groupBy(all, ({ labels }) => labels)].map(([labels, same]) => histogram(name, labels, same));
  return `# HELP ${name} Time to answer.\n# TYPE ${name} histogram\n${lines.join("")}`;
}

/** The buckets of a histogram are cumulative: each counts what took no longer than its bound `le`. */
function histogram(name: string, labels: string, same: Series[]): string {
  const total = (of: (series: Series) => number) => same.reduce((sum, series) => sum + of(series), 0);
  let below = 0;
  const buckets = [...bounds, "+Inf"].map((le, i) => {
    below += total(({ within }) => within[i] ?? 0);
    return `${name}_bucket{le="${le}",${labels}} ${below}\n`;
  });
  return `${buckets.join("")}${name}_sum{${labels}} ${total(({ sum }) => sum)}\n${name}_count{${labels}} ${below}\n`;
}
