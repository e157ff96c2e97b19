import { type HotMemory, hotMemory } from "./hot_memory.ts";
import type { Job, JobResult } from "./job.ts";
import { median } from "./median.ts";
import type { Sender } from "./sender.ts";
import type { Server } from "./server.ts";

/** A server that takes part in a comparison of uploads. */
export interface Contender {
  name: string;
  server: Server;
  /** What a run needs beforehand, which is not measured. */
  prepare(): Promise<Job>;
  /** Checks the answers of a run and clears away what it left. */
  check(result: JobResult): Promise<void>;
}

/** One run of one contender. */
interface Run {
  seconds: number;
  cpuSeconds: number;
  clientCpuSeconds: number;
}

/** The medians of a contender, and its runs in order. */
export interface Tally extends Run {
  name: string;
  peakBytes: number;
  runs: Run[];
}

export interface Competition {
  sender: Sender;
  contenders: Contender[];
  rounds: number;
  /** Bytes that a run writes. */
  writeBytes: number;
}

/** Runs all contenders in turn, `rounds` times after one round to warm up: what disturbs the machine disturbs all of them. */
export async function compete({ sender, contenders, rounds, writeBytes }: Competition): Promise<Tally[]> {
  using memory = hotMemory(writeBytes * 1.25);
  const runs = new Map<Contender, Run[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [contender, past] of runs) {
      const job = await contender.prepare();
      memory.hold();
      const run = await runOnce(sender, contender, job, memory);
      if (round > 0) past.push(run);
    }
  }
  return await Promise.all([...runs].map(([contender, past]) => tally(contender, past)));
}

async function runOnce(sender: Sender, contender: Contender, job: Job, memory: HotMemory): Promise<Run> {
  const { server } = contender;
  const before = await server.usage();
  memory.release();
  const result = await sender.run(job);
  const after = await server.usage();
  await contender.check(result);
  return { seconds: result.seconds, cpuSeconds: after.cpuSeconds - before.cpuSeconds, clientCpuSeconds: result.cpuSeconds };
}

async function tally({ name, server }: Contender, runs: Run[]): Promise<Tally> {
  const of = (key: keyof Run) => median(runs.map((run) => run[key]));
  const { peakBytes } = await server.usage();
  const medians = { seconds: of("seconds"), cpuSeconds: of("cpuSeconds"), clientCpuSeconds: of("clientCpuSeconds") };
  return { name, peakBytes, ...medians, runs };
}
