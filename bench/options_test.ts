import { expect, test } from "bun:test";

import { optionsOf, usage } from "./options.ts";
import { scenarios } from "./scenarios.ts";

test("without arguments all scenarios run that need not be named, in full", () => {
  const options = optionsOf([]);
  expect(options).toMatchObject({
    kind: "run",
    quick: false,
    assert: false,
    out: "bench/report/tmp",
    chosen: scenarios.filter(({ onlyByName }) => !onlyByName),
  });
});

test("reads what was wished for", () => {
  const args = ["routes", "--quick", "--tool", "wrk", "--places", "drive,cluster", "--connections", "1,64", "--rounds", "5"];
  const options = optionsOf([...args, "--seconds", "0.5", "--only", "GET /file", "--only", "health"]);
  if (options.kind !== "run") throw new Error(options.kind);
  expect(options.chosen.map(({ name }) => name)).toEqual(["routes"]);
  expect(options.wishes).toEqual({
    tool: "wrk",
    target: undefined,
    places: ["drive", "cluster"],
    connections: [1, 64],
    rounds: 5,
    seconds: 0.5,
    only: ["GET /file", "health"],
  });
});

test("reads a comparison", () => {
  expect(optionsOf(["compare", "a.json", "b.json"])).toMatchObject({ kind: "compare", threshold: 0.8, by: "rate" });
  expect(optionsOf(["compare", "main", "HEAD~1", "--threshold", "0.9", "--by", "floor"])).toMatchObject({
    a: "main",
    b: "HEAD~1",
    threshold: 0.9,
    by: "floor",
  });
});

test.each([
  [["strange"], "strange"],
  [["--tool", "curl"], "--tool curl"],
  [["--connections", "1,x"], "--connections x"],
  [["--connections", "0"], "--connections 0"],
  [["--rounds", "1.5"], "--rounds 1.5"],
  [["--seconds", "-1"], "seconds"],
  [["--strange"], "--strange"],
  [["compare", "a.json"], "compare takes two"],
  [["compare", "a", "b", "c"], "compare takes two"],
  [["compare", "a", "b", "--by", "mood"], "--by mood"],
])("refuses %j and names what is wrong", (args, named) => {
  expect(() => optionsOf(args)).toThrow(named);
});

test("--help tells of every scenario and option", () => {
  expect(optionsOf(["--help"])).toEqual({ kind: "help" });
  for (const { name } of scenarios) expect(usage).toContain(`  ${name} `);
  const options = "quick out json assert tool target places connections rounds seconds only threshold by";
  for (const name of options.split(" ")) expect(usage).toContain(`--${name}`);
});
