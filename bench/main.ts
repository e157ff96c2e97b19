import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";

import { reportOf } from "./report.ts";
import { isMet, type Outcome, type Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { tempFolder } from "./support/temp_folder.ts";

const usage = `npm run bench -- [NAME …] [--quick] [--json FILE] [--assert]
  NAME     ${scenarios.map(({ name }) => name).join(", ")}; all by default but growth, throughput, homework, profile, soak
  --quick  fewer and smaller runs: at most 90 s for all
  --json   also write the figures to FILE
  --assert exit with 1 when a goal is missed
`;

interface Options {
  quick: boolean;
  json?: string | undefined;
  assert: boolean;
  chosen: Scenario[];
}

function optionsOf(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: { type: "boolean" }, assert: { type: "boolean" }, json: { type: "string" } },
  });
  const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(", ")}\n\n${usage}`);
  const chosen = scenarios.filter(({ name, onlyByName }) =>
    positionals.length === 0 ? !onlyByName : positionals.includes(name),
  );
  return { quick: values.quick ?? false, assert: values.assert ?? false, json: values.json, chosen };
}

async function runScenario(scenario: Scenario, quick: boolean): Promise<Outcome> {
  process.stdout.write(`\n${scenario.name}: ${scenario.about}\n\n`);
  await using folder = await tempFolder(scenario.diskBytes);
  const outcome = await scenario.run({ folder: folder.path, quick });
  process.stdout.write(reportOf(outcome));
  return outcome;
}

async function main({ quick, json, assert, chosen }: Options): Promise<void> {
  const outcomes: Record<string, Outcome> = {};
  for (const scenario of chosen) outcomes[scenario.name] = await runScenario(scenario, quick);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), bun: Bun.version };
  if (json) await Bun.write(json, `${JSON.stringify({ date: new Date().toISOString(), quick, machine, outcomes }, null, 2)}\n`);
  const areMet = Object.values(outcomes).every(({ goals }) => goals.every(isMet));
  process.exit(assert && !areMet ? 1 : 0);
}

if (import.meta.main) {
  try {
    await main(optionsOf(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}
