// `npm test [SUITE …]`: every test, or those of the suites named, and one line that counts them all.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sum } from "./run/counts.ts";
import { prepareServers, runLane } from "./run/run_lane.ts";
import { lanes } from "./run/suites.ts";
import { settleAll } from "./stack/settle_all.ts";

const filters = process.argv.slice(2);
const wanted = lanes
  .map((suites) => suites.filter(({ name }) => filters.length === 0 || filters.includes(name)))
  .filter((suites) => suites.length > 0);
const folder = await mkdtemp(join(tmpdir(), "sluice-test-"));
await prepareServers();
const isAlone = wanted.length === 1;
const running = wanted.map((suites, i) => runLane(suites, { folder: join(folder, `${i}`), isAlone }));
const total = sum(await settleAll(running));
await rm(folder, { recursive: true });
if (total.failures.length > 0) process.stdout.write(`\n== failed\n${total.failures.join("\n")}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
// Where everything can run (CI), a skipped test is a test that is missing.
const isIncomplete = process.env["CI"] !== undefined && total.skipped > 0;
process.exit(total.failed > 0 || isIncomplete || wanted.length === 0 ? 1 : 0);
