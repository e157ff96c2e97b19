// `npm test [FILTER …]`: every test, each folder in a process of its own, and one line that counts them all.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { allServers, ensureInstalled, missingPackages, startStack } from "./stack/mod.ts";
import { startTestCluster } from "./support/cluster.ts";

interface Suite {
  name: string;
  paths: string[];
  /** Whether some or all of its tests ask the real servers, which are started once for all suites. */
  servers?: "some" | "all";
  env?: Record<string, string>;
}

/** In this order, so that what is quick to fail fails first. */
const suites: Suite[] = [
  { name: "unit", paths: ["./lib", "./db", "./gateway", "./workers", "./nginx", "./bench"] },
  { name: "guards", paths: ["./test/docs", "./test/guards"] },
  { name: "deploy", paths: ["./test/deploy"], servers: "some" },
  { name: "contract", paths: ["./test/contract"], servers: "some" },
  { name: "integration", paths: ["./test/integration"], servers: "some" },
  { name: "property", paths: ["./test/property"] },
  { name: "acceptance", paths: ["./test/acceptance"] },
  { name: "front", paths: ["./test/acceptance"], servers: "all", env: { SLUICE_TEST_TARGET: "front" } },
  { name: "cluster", paths: ["./test/acceptance"], servers: "all", env: { SLUICE_TEST_TARGET: "cluster" } },
  { name: "faults", paths: ["./test/faults"], servers: "some" },
  // With nginx, which is installed with the servers.
  { name: "bench", paths: ["./test/bench"], servers: "some" },
  { name: "browser", paths: ["./test/browser"] },
  { name: "stack", paths: ["./test/stack"] },
];

/** One test may wait for a real server or a real kill; what hangs longer has failed. */
const testMs = 120_000;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const install = process.env["CI"] !== undefined;
/** On a person's machine; in CI it is installed. */
const missing = install ? [] : missingPackages([...allServers, "nginx"]);

/** Starts the real servers for the suites to come. @returns what ends them. */
async function startServers(dir: string): Promise<() => Promise<void>> {
  await ensureInstalled([...allServers, "nginx"], { install, log });
  const stack = await startStack({ dir, install, log });
  process.env["SLUICE_TEST_STACK"] = dir;
  return () => stack.stop();
}

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function runSuite({ name, paths, env, servers }: Suite, report: string): Promise<Counts> {
  process.stdout.write(`\n== ${name}\n`);
  if (servers === "all" && missing.length > 0) {
    process.stdout.write(`skipped, for lack of ${missing.join(", ")}\n`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const command = [process.execPath, "test", `--timeout=${testMs}`, "--reporter=junit", `--reporter-outfile=${report}`, ...paths];
  await using cluster = name === "cluster" ? await startTestCluster() : undefined;
  const shared = cluster && { SLUICE_TEST_CLUSTER: JSON.stringify(cluster) };
  const child = Bun.spawn(command, {
    env: { ...process.env, ...env, ...shared },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const code = await child.exited;
  const counts = await readReport(report);
  // A suite that dies, or that finds nothing to run, has failed even if no test of it says so.
  const hasDied = (code !== 0 && counts.failed === 0) || counts.passed + counts.failed + counts.skipped === 0;
  return hasDied ? { ...counts, failed: counts.failed + 1 } : counts;
}

/** The totals on the root element of a JUnit report. */
async function readReport(path: string): Promise<Counts> {
  const file = Bun.file(path);
  const root = (await file.exists()) ? (/<testsuites[^>]*>/.exec(await file.text())?.[0] ?? "") : "";
  const read = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const [tests, failed, skipped] = [read("tests"), read("failures"), read("skipped")];
  return { passed: tests - failed - skipped, failed, skipped };
}

const filters = process.argv.slice(2);
const wanted = filters.length === 0 ? suites : suites.filter(({ name }) => filters.includes(name));
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const folder = await mkdtemp(join(tmpdir(), "sluice-test-"));
const needsServers = missing.length === 0 && wanted.some((suite) => suite.servers);
const stopServers = needsServers ? await startServers(join(folder, "stack")) : async () => {};
for (const suite of wanted) {
  const counts = await runSuite(suite, join(folder, `${suite.name}.xml`));
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
}
await stopServers();
await rm(folder, { recursive: true });
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
// Where everything can run (CI), a skipped test is a test that is missing.
const isIncomplete = process.env["CI"] !== undefined && total.skipped > 0;
process.exit(total.failed > 0 || isIncomplete || wanted.length === 0 ? 1 : 0);
