// docs/plans: how each engine runs each statement. `bun test/contract/plans/plans_file.ts --write` writes both files anew, with
// the servers of `bun test/stack/main.ts up --dir D` and SLUICE_TEST_STACK=D; plans_test.ts fails when they are out of date.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { mariadbEngine } from "./mariadb.ts";
import { recordPlans } from "./record_plans.ts";
import type { Planned } from "./recorder.ts";
import { sqliteEngine } from "./sqlite.ts";

export const planEngines = { sqlite: sqliteEngine, mariadb: mariadbEngine };
export type PlanEngine = keyof typeof planEngines;

const folder = join(import.meta.dir, "../../../docs/plans");

export async function readPlansFile(engine: PlanEngine): Promise<string> {
  return await readFile(join(folder, `${engine}.txt`), "utf8").catch(() => "");
}

/** What the file must hold: the function that ran a statement first, the statement, the plan, and any other plan that it had. */
export function plansText(statements: Map<string, Planned>): string {
  const withPlans = [...statements.values()].filter(({ plans }) => plans.size > 0);
  return withPlans.map(({ name, sql, plans }) => `${name}\n  ${sql}\n  -> ${[...plans].join("\n  -> ")}\n`).join("\n");
}

if (import.meta.main && process.argv.includes("--write")) {
  await mkdir(folder, { recursive: true });
  for (const [name, open] of Object.entries(planEngines)) {
    await writeFile(join(folder, `${name}.txt`), plansText((await recordPlans(open)).statements));
  }
}
