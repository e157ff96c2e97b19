/**
 * The client of small requests: a load tool in a process of its own, which is given a job at a time.
 *
 * ```ts
 * await using tool = startTool("autocannon", folder);
 * const shot = { method: "GET", path: "/healthz", headers: {} };
 * const { answers, seconds } = await tool.run({ url, connections: 8, status: 200, traffic: { kind: "repeat", shot, seconds: 1 } });
 * ```
 */
export type { LoadJob, LoadResult, Shot, Traffic } from "./load_job.ts";
export type { LoadTool } from "./load_tool.ts";
export { startTool, type ToolName, toolNames } from "./start_tool.ts";
