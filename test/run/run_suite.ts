import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { patient, startTestCluster } from "../support/cluster.ts";
import { sharedFolder } from "../support/real_servers.ts";
import { type Counts, none } from "./counts.ts";
import { readReport } from "./report.ts";
import type { Suite } from "./suites.ts";

/** One test may wait for a real server or a real kill; what hangs longer has failed. */
const testMs = 300_000;

export interface SuiteRun {
  /** A folder for what it writes. */
  folder: string;
  /** Where the real servers are, if they are to be had. */
  serversDir: string | undefined;
  /** Whether its lines are shown as they come; else all at its end, for other suites run beside it. */
  isAlone: boolean;
}

/** Runs the tests of a suite in a process of their own, and shows what it prints. */
export async function runSuite({ name, paths, env, servers }: Suite, run: SuiteRun): Promise<Counts> {
  if (servers === "all" && run.serversDir === undefined) {
    process.stdout.write(`\n== ${name}\nskipped, for lack of servers\n`);
    return { ...none, skipped: 1 };
  }
  const report = join(run.folder, `${name}.xml`);
  const command = [process.execPath, "test", `--timeout=${testMs}`, "--reporter=junit", `--reporter-outfile=${report}`, ...paths];
  await using cluster = name === "cluster" ? await startTestCluster(patient, run.serversDir) : undefined;
  const shared = cluster && { SLUICE_TEST_CLUSTER: JSON.stringify(cluster) };
  const stack = run.serversDir !== undefined && { [sharedFolder]: run.serversDir };
  const code = await spawn(command, { ...env, ...stack, ...shared }, { ...run, name });
  const counts = await readReport(report);
  // A suite that dies, or that finds nothing to run, has failed even if no test of it says so.
  const hasDied = (code !== 0 && counts.failed === 0) || counts.passed + counts.failed + counts.skipped === 0;
  if (!hasDied) return counts;
  return {
    ...counts,
    failed: counts.failed + 1,
    failures: [...counts.failures, `${name} ended with ${code}, of no test that failed`],
  };
}

interface Show extends SuiteRun {
  name: string;
}

/** @returns the exit code. */
async function spawn(command: string[], env: Record<string, string>, { name, folder, isAlone }: Show): Promise<number> {
  const title = `\n== ${name}\n`;
  if (isAlone) process.stdout.write(title);
  const path = join(folder, `${name}.log`);
  await using log = await open(path, "a");
  const out = isAlone ? "inherit" : log.fd;
  const child = Bun.spawn(command, { env: { ...process.env, ...env }, stdin: "ignore", stdout: out, stderr: out });
  const code = await child.exited;
  if (isAlone) return code;
  process.stdout.write(title);
  await pipeline(createReadStream(path), process.stdout, { end: false });
  return code;
}
