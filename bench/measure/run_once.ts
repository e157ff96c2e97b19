import type { LoadJob, LoadTool } from "../load/mod.ts";
import type { Latency } from "../result/schema.ts";
import type { Usage } from "../support/usage.ts";
import { type Taken, takenBetween } from "./taken.ts";

/** One run of one server. */
export interface Run {
  requests: number;
  perSecond: number;
  latency: Latency;
  processes: Taken;
}

/** Who is loaded, for messages, and what it takes. */
export interface Loaded {
  name: string;
  usages: () => Promise<Record<string, Usage>>;
}

/** No drive needs as long for one answer. */
const longestSeconds = 20;

/**
 * Loads a server once; a run in which nothing was answered yet, once more for longer.
 *
 * @throws {Error} when an answer was not as it should be.
 */
export async function runOnce(tool: LoadTool, loaded: Loaded, job: LoadJob): Promise<Run> {
  const { name, usages } = loaded;
  const before = await usages();
  const { answers, wrong, reason, seconds, latency } = await tool.run(job);
  const after = await usages();
  const longer = answers + wrong === 0 && longerOf(job);
  if (longer) return await runOnce(tool, loaded, longer);
  if (wrong > 0 || answers === 0) {
    const of = `${wrong} of ${answers + wrong} answers under ${job.connections} connections are wrong`;
    throw new Error(`${name}: ${of}: ${reason}`);
  }
  return { requests: answers, perSecond: answers / seconds, latency, processes: takenBetween(before, after) };
}

function longerOf({ traffic, ...job }: LoadJob): LoadJob | undefined {
  if (traffic.kind !== "repeat" || traffic.seconds > longestSeconds) return undefined;
  return { ...job, traffic: { ...traffic, seconds: traffic.seconds * 4 } };
}
