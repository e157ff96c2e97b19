import { expect, test } from "bun:test";

import { createMetrics } from "./metrics.ts";

const signal = new AbortController().signal;

function setup() {
  const errors: unknown[] = [];
  return { errors, metrics: createMetrics({ onError: (error, gauge) => void errors.push([error, gauge]) }) };
}

test("counts requests, jobs and bytes", async () => {
  const { metrics } = setup();
  for (const seconds of [0.003, 0.2]) metrics.request({ method: "GET", route: "/file/query", status: 200, seconds });
  metrics.job({ worker: "merge", verdict: "done", seconds: 2 });
  metrics.bytesIn(8_388_608);
  metrics.bytesOut(1);
  metrics.bytesOut(2);
  const text = await metrics.scrape(signal);
  for (const line of [
    'http_requests_total{method="GET",route="/file/query",status="200"} 2',
    'http_request_duration_seconds_bucket{le="0.005",method="GET",route="/file/query"} 1',
    'http_request_duration_seconds_count{method="GET",route="/file/query"} 2',
    'sluice_jobs_total{worker="merge",verdict="done"} 1',
    'sluice_job_duration_seconds_bucket{le="5",worker="merge"} 1',
    "sluice_bytes_in_total 8388608",
    "sluice_bytes_out_total 3",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  expect(metrics.contentType).toStartWith("text/plain");
});

test("asks gauges for their values at each scrape", async () => {
  const { metrics } = setup();
  let open = 1;
  let leases: Record<string, number> = { merge: 1, push: 2 };
  metrics.gauge({ name: "sluice_uploads_open", help: "Open uploads.", collect: async () => open });
  metrics.gauge({ name: "sluice_leases", help: "Leases.", label: "worker", collect: () => leases });
  expect(await metrics.scrape(signal)).toContain("\nsluice_uploads_open 1\n");
  open = 5;
  leases = { push: 3 };
  const text = await metrics.scrape(signal);
  expect(text).toContain("\nsluice_uploads_open 5\n");
  expect(text).toContain('\nsluice_leases{worker="push"} 3\n');
  expect(text).not.toContain('{worker="merge"}');
});

test("leaves out a gauge that fails, reports it, and tells the rest", async () => {
  const { metrics, errors } = setup();
  const fault = new Error("thrown by the test");
  let broken = false;
  const collect = async () => {
    if (broken) throw fault;
    return 1;
  };
  metrics.gauge({ name: "sluice_spool_bytes", help: "Bytes.", collect });
  metrics.gauge({ name: "sluice_uploads_open", help: "Uploads.", collect: () => 2 });
  expect(await metrics.scrape(signal)).toContain("\nsluice_spool_bytes 1\n");
  broken = true;
  const text = await metrics.scrape(signal);
  expect(text).not.toMatch(/^sluice_spool_bytes /m);
  expect(text).toContain("\nsluice_uploads_open 2\n");
  expect(errors).toEqual([[fault, "sluice_spool_bytes"]]);
});

test("hands a scrape's signal on, and ends with it", async () => {
  const { metrics } = setup();
  const seen: AbortSignal[] = [];
  metrics.gauge({
    name: "sluice_uploads_open",
    help: "Uploads.",
    collect: (signal) => seen.push(signal),
  });
  const reason = new Error("aborted by the test");
  const aborted = AbortSignal.abort(reason);
  expect(await metrics.scrape(aborted).catch((error: unknown) => error)).toBe(reason);
  expect(seen).toEqual([aborted]);
});

test("keeps two sets of metrics apart", async () => {
  const [a, b] = [setup().metrics, setup().metrics];
  a.bytesIn(1);
  expect(await b.scrape(signal)).toContain("\nsluice_bytes_in_total 0\n");
});

test("tells of the process what is true under Bun, and no more", async () => {
  const text = await setup().metrics.scrape(signal);
  const value = (name: string) => Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]);
  expect(value("process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(10e6);
  expect(value("process_open_fds")).toBeGreaterThan(3);
  expect(value("nodejs_heap_size_used_bytes")).toBeGreaterThan(1e5);
  expect(value("process_start_time_seconds")).toBeWithin(Date.now() / 1000 - 3600, Date.now() / 1000 + 1);
  expect(text).not.toMatch(/nodejs_(active|gc|heap_space|version)|process_heap/);
});

test("is counted once for all who ask while it is counted, and never before they asked", async () => {
  const { metrics } = setup();
  let [counts, value] = [0, 1];
  metrics.gauge({
    name: "sluice_spool_bytes",
    help: "Bytes.",
    collect: async () => {
      counts++;
      const counted = value;
      await Bun.sleep(5);
      return counted;
    },
  });
  const first = metrics.scrape(signal);
  value = 2;
  const later = await Promise.all(Array.from({ length: 20 }, () => metrics.scrape(signal)));
  await first;
  for (const text of later) expect(text).toContain("\nsluice_spool_bytes 2\n");
  expect(counts).toBe(2);
});
