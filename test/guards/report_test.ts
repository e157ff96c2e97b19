import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { none, sum } from "../run/counts.ts";
import { readReport } from "../run/report.ts";

const tests = `
import { afterAll, describe, expect, test } from "bun:test";
describe("a <group>", () => {
  test("holds", () => expect(1).toBe(1));
  test("is \\"wrong\\" & shown", () => expect("a<b").toBe("b&c"));
  test("hangs", () => Bun.sleep(60_000), 20);
  test.skip("rests", () => {});
  afterAll(() => { throw new Error("not put away"); });
});`;

describe("a suite's report", () => {
  test("counts, and says of what failed where it stands and why", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-report-"));
    try {
      await writeFile(join(folder, "some_test.ts"), tests);
      const path = join(folder, "report.xml");
      const command = [process.execPath, "test", "--reporter=junit", `--reporter-outfile=${path}`, "some_test.ts"];
      const child = Bun.spawn(command, { cwd: folder, stdout: "ignore", stderr: "ignore" });
      expect(await child.exited).not.toBe(0);
      const { failures, ...counts } = await readReport(path);
      expect(counts).toEqual({ passed: 1, failed: 3, skipped: 1 });
      expect(failures.map((failure) => failure.split("\n")[0])).toEqual([
        'some_test.ts:5 a <group> > is "wrong" & shown',
        "some_test.ts:6 a <group> > hangs",
        "some_test.ts: a <group> > (unnamed)",
      ]);
      expect(failures[0]).toContain('Expected: "b&c"');
      expect(failures[1]).toContain("timed out");
      expect(failures[2]).toContain("not put away");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("counts nothing where there is none", async () => {
    expect(await readReport("/nowhere/report.xml")).toEqual(none);
    expect(sum([])).toEqual(none);
  });
});
