import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { allServers, ensureInstalled, missingPackages, startStack } from "../stack/mod.ts";
import { type Counts, sum } from "./counts.ts";
import { runSuite } from "./run_suite.ts";
import type { Suite } from "./suites.ts";

export interface LaneRun {
  /** A folder of its own, to be made: short, for the sockets of the servers below it. */
  folder: string;
  /** Whether no other lane runs. */
  isAlone: boolean;
}

const needed = [...allServers, "nginx"] as const;

/** Installs what the real servers need, where that is allowed: in CI. */
export async function prepareServers(): Promise<void> {
  if (process.env["CI"] !== undefined) await ensureInstalled(needed, { install: true, log });
}

/** Runs suites one after the other, on real servers of their own if any needs them and they can be had. */
export async function runLane(suites: Suite[], { folder, isAlone }: LaneRun): Promise<Counts> {
  await mkdir(folder);
  const needsServers = suites.some(({ servers }) => servers !== undefined) && missingPackages(needed).length === 0;
  const dir = join(folder, "stack");
  const stack = needsServers ? await startStack({ dir, log }) : undefined;
  try {
    const all: Counts[] = [];
    for (const suite of suites) all.push(await runSuite(suite, { folder, serversDir: stack?.data, isAlone }));
    return sum(all);
  } finally {
    await stack?.stop();
  }
}

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}
