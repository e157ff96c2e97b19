// `npm run bench`: `--help` tells all.
import { compare } from "./compare/compare.ts";
import { optionsOf, usage } from "./options.ts";
import { runScenarios } from "./run_scenarios.ts";

async function main(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (options.kind === "run") return await runScenarios(options);
  if (options.kind === "compare") return await compare(options);
  process.stdout.write(usage);
  return 0;
}

if (import.meta.main) {
  try {
    process.exit(await main(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}
