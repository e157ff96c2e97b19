import type { LoadTool } from "../load/mod.ts";
import { runOnce } from "../measure/run_once.ts";
import { shotOf } from "../routes/mod.ts";
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

const connections = 32;

/** Loads a server for some seconds. @throws {Error} when an answer was no 200. */
export async function runLoad(tool: LoadTool, { server, path, headers, name }: Target, seconds: number): Promise<Load> {
  const traffic = { kind: "repeat" as const, shot: { ...shotOf(null, "GET", path), headers }, seconds };
  const run = await runOnce(
    tool,
    { name, usages: () => server.usages() },
    { url: server.url, connections, status: 200, traffic },
  );
  const cpuSeconds = Object.values(run.processes).reduce((sum, usage) => sum + usage.cpuSeconds, 0);
  return {
    perSecond: run.perSecond,
    p99Ms: run.latency.p99,
    cpuMicros: (cpuSeconds / run.requests) * 1e6,
    busy: cpuSeconds / (run.requests / run.perSecond),
  };
}
