import { join } from "node:path";

import type { RunOptions } from "./options.ts";
import { tableReport } from "./render/table.ts";
import { writeReport } from "./render/write_report.ts";
import { aboutMachine } from "./result/about_machine.ts";
import type { Outcome, Result } from "./result/schema.ts";
import { isMet, type Scenario } from "./scenario.ts";
import { tempFolder } from "./support/temp_folder.ts";

/** Runs scenarios, tells each outcome, and writes the report. @returns the exit code. */
export async function runScenarios(options: RunOptions): Promise<number> {
  const { chosen, quick, wishes, json, assert } = options;
  const outcomes: Record<string, Outcome> = {};
  const about = await aboutMachine();
  for (const scenario of chosen) {
    outcomes[scenario.name] = await runScenario(scenario, options);
    // After each, so that one that fails an hour later takes nothing with it.
    const result: Result = { version: 1, date: new Date().toISOString(), quick, tool: wishes.tool, ...about, outcomes };
    await writeReport(options.out, result);
    if (json !== undefined) await Bun.write(json, `${JSON.stringify(result, null, 2)}\n`);
  }
  process.stdout.write(`\nthe report is in ${join(options.out, "latest.md")}\n`);
  const areMet = Object.values(outcomes).every(({ goals }) => goals.every(isMet));
  return assert && !areMet ? 1 : 0;
}

async function runScenario(scenario: Scenario, { quick, wishes }: RunOptions): Promise<Outcome> {
  process.stdout.write(`\n${scenario.name}: ${scenario.about}\n\n`);
  const begin = performance.now();
  await using folder = await tempFolder(scenario.diskBytes);
  const outcome = await scenario.run({ folder: folder.path, quick, wishes, log });
  process.stdout.write(tableReport(outcome));
  process.stdout.write(`\n  took ${Math.round((performance.now() - begin) / 1000)} s\n`);
  return outcome;
}

/** To stderr, for stdout is the tables'. */
function log(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
