import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { lacksServers } from "../support/real_servers.ts";
import { faultsOf } from "./plans/faults_of.ts";
import { type PlanEngine, planEngines, plansText, readPlansFile } from "./plans/plans_file.ts";
import { recordPlans } from "./plans/record_plans.ts";
import type { Recorder } from "./plans/recorder.ts";

setDefaultTimeout(300_000);

const oneRow = "the table has a row for each that goes through others: one";

/** Calls whose statements may do what others must not, and why. */
const excepted: Record<string, string> = {
  listNodes: "there are as many rows as gateways",
  touchFilesOf: "the owners of one content's files, after each of these rows was written",
  spooledBlobs: "sorts what lies in one node's spool, when a person calls fsck",
  "countLeases, of due cursors": oneRow,
  "listParked, of due cursors": oneRow,
  "countParked, of due cursors": oneRow,
  "replayParked, of due cursors": oneRow,
  listedShares: "sorts as many rows as it is given ids: what was viewed in the last second",
};

/** Where a statement is begun in db/: `files.ts:97`. */
async function places(): Promise<string[]> {
  const root = join(import.meta.dir, "../../db");
  const found: string[] = [];
  for (const path of new Bun.Glob("*.ts").scanSync({ cwd: root, absolute: true })) {
    if (path.endsWith("_test.ts")) continue;
    const lines = (await readFile(path, "utf8")).split("\n");
    for (const [i, line] of lines.entries()) {
      if (/^[^/*]*\.(select|selectDistinct|insert|update|delete)\(/.test(line)) found.push(`${basename(path)}:${i + 1}`);
    }
  }
  return found.toSorted();
}

function plansOn(name: PlanEngine): void {
  describe(`how ${name} runs what the drive asks`, () => {
    let recorded: Pick<Recorder, "statements" | "builtAt">;
    beforeAll(async () => {
      recorded = await recordPlans(planEngines[name]);
    });

    test("every statement of db/ was tried: a new one is to be called in test/contract/plans/calls", async () => {
      const all = await places();
      expect(all.length).toBeGreaterThan(80);
      expect(all.filter((place) => !recorded.builtAt.has(place))).toEqual([]);
    });

    test("nothing that grows is read as a whole, no list is sorted", () => {
      const bad = [...recorded.statements.values()].flatMap(({ name, sql, plans }) =>
        name in excepted
          ? []
          : [...plans].flatMap((plan) => faultsOf(plan).map((fault) => `${name} ${fault}: ${sql} -> ${plan}`)),
      );
      expect(bad).toEqual([]);
      expect([...recorded.statements.values()].map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(excepted)));
    });

    test("docs/plans says so: written by `bun test/contract/plans/plans_file.ts --write`", async () => {
      expect(plansText(recorded.statements)).toBe(await readPlansFile(name));
    });
  });
}

plansOn("sqlite");
describe.skipIf(lacksServers("mysql"))("on a real server", () => plansOn("mariadb"));
