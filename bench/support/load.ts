import { join } from "node:path";

import type { Server } from "./server.ts";

/** A GET that is repeated. */
export interface Target {
  name: string;
  server: Server;
  path: string;
  headers: Record<string, string>;
}

/** What a server did under load. */
export interface Load {
  perSecond: number;
  p99Ms: number;
  /** The server's CPU for one request, microseconds. */
  cpuMicros: number;
  /** How much of one core the server used: well below 1, somebody else was the bottleneck. */
  busy: number;
}

/** What of autocannon's JSON is needed. */
interface Report {
  requests: { average: number; total: number };
  latency: { p99: number };
  duration: number;
  errors: number;
  timeouts: number;
  non2xx: number;
}

const connections = 32;
const cli = join(import.meta.dir, "../../node_modules/autocannon/autocannon.js");

/** Loads a server by autocannon, in a process of its own, for some seconds. @throws {Error} when an answer was no 2xx. */
export async function runLoad({ server, path, headers, name }: Target, seconds: number): Promise<Load> {
  const header = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}=${value}`]);
  const args = ["-c", String(connections), "-d", String(seconds), "--json", ...header, `${server.url}${path}`];
  const before = await server.usage();
  // On Node.js, for which it is made: under Bun its sockets take twice the CPU.
  const child = Bun.spawn(["node", cli, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  const report: Report = JSON.parse(await child.stdout.text());
  const after = await server.usage();
  const bad = report.errors + report.timeouts + report.non2xx;
  if (bad > 0 || report.requests.total === 0) throw new Error(`${name}: ${bad} of ${report.requests.total} requests failed`);
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    perSecond: report.requests.total / report.duration,
    p99Ms: report.latency.p99,
    cpuMicros: (cpuSeconds / report.requests.total) * 1e6,
    busy: cpuSeconds / report.duration,
  };
}
