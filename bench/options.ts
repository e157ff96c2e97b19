import { parseArgs } from "node:util";

import { toolNames } from "./load/mod.ts";
import type { Scenario, Wishes } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

/** All that `--help` says. */
export const usage = `npm run bench -- [SCENARIO …] [OPTION …]

  measures the drive over HTTP against yardsticks that run beside it (docs/performance.md), and writes a report

${scenarios.map(({ name, about, onlyByName }) => `  ${name.padEnd(10)} ${about}${onlyByName ? " (only by name)" : ""}`).join("\n")}
  all by default, in this order

  --quick              fewer and smaller runs: under three minutes for all
  --out DIR            the report's folder (latest.md, latest.json, charts); bench/report/tmp by default
  --json FILE          also write the figures to FILE
  --assert             exit with 1 when a goal is missed

  of routes, query and cluster:
  --tool NAME          ${toolNames.join(" or ")}; autocannon by default
  of routes:
  --target URL         a drive that runs already instead of those that would be started; what the bench makes there, it deletes
  --places A,B         of drive, drive-front, cluster, cluster-front; all by default, with --quick drive
  --connections A,B    how many at once; 1,8,64 by default, with --quick 8, and 64 where there is a goal
  --rounds N           runs of each, of which the median is told; 3 by default, with --quick 1, and 2 where there is a goal
  --seconds S          of each run of requests that can be repeated; 0.5 by default, with --quick 0.08; where there is a goal at least 0.5
  --only TEXT          cases whose name holds TEXT, such as "GET /file"; may be given again

npm run bench compare A B [OPTION …]

  A and B are files that --json wrote, or git refs whose drives are started and measured in turns (--connections, --rounds,
  --seconds, --only and --tool as above); prints the ratio of B to A for each case

  --threshold R        exit with 1 when a case of B answers less than R times what A does, and its best run less than A's
                       worst; 0.8 by default
  --by floor           compare the ratios to the bare Hono route of each run rather than the rates: for files of two machines
`;

/** What a run of scenarios was asked for. */
export interface RunOptions {
  quick: boolean;
  assert: boolean;
  out: string;
  json: string | undefined;
  chosen: Scenario[];
  wishes: Wishes;
}

/** What a comparison was asked for. */
export interface CompareOptions {
  a: string;
  b: string;
  threshold: number;
  by: "rate" | "floor";
  wishes: Wishes;
}

export type Options = { kind: "help" } | ({ kind: "run" } & RunOptions) | ({ kind: "compare" } & CompareOptions);

/** Reads the command line. @throws {Error} with what is wrong and how it should be. */
export function optionsOf(args: string[]): Options {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: "help" };
  const wishes: Wishes = {
    tool: oneOf("tool", values.tool ?? "autocannon", toolNames),
    target: values.target,
    places: values.places?.split(","),
    connections: values.connections?.split(",").map((text) => numberOf("connections", text)),
    rounds: values.rounds === undefined ? undefined : numberOf("rounds", values.rounds),
    seconds: values.seconds === undefined ? undefined : numberOf("seconds", values.seconds),
    only: values.only,
  };
  if (positionals[0] === "compare") return compareOptions(positionals.slice(1), values, wishes);
  const { quick = false, assert = false, out = "bench/report/tmp", json } = values;
  return { kind: "run", quick, assert, out, json, wishes, chosen: chosenOf(positionals) };
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      quick: { type: "boolean" },
      assert: { type: "boolean" },
      out: { type: "string" },
      json: { type: "string" },
      tool: { type: "string" },
      target: { type: "string" },
      places: { type: "string" },
      connections: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string", multiple: true },
      threshold: { type: "string" },
      by: { type: "string" },
    },
  });
}

function compareOptions(
  refs: string[],
  { threshold = "0.8", by = "rate" }: ReturnType<typeof parse>["values"],
  wishes: Wishes,
): Options {
  const [a, b, ...rest] = refs;
  if (a === undefined || b === undefined || rest.length > 0) throw wrong(`compare takes two, not ${refs.length}`);
  return { kind: "compare", a, b, threshold: numberOf("threshold", threshold), by: oneOf("by", by, ["rate", "floor"]), wishes };
}

function chosenOf(names: string[]): Scenario[] {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw wrong(`there is no scenario ${unknown.join(", ")}`);
  return scenarios.filter(({ name, onlyByName }) => (names.length === 0 ? !onlyByName : names.includes(name)));
}

function oneOf<T extends string>(option: string, text: string, all: readonly T[]): T {
  const found = all.find((value) => value === text);
  if (found === undefined) throw wrong(`--${option} ${text} must be one of ${all.join(", ")}`);
  return found;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  const isWhole = option === "connections" || option === "rounds";
  if (text === "" || !Number.isFinite(value) || value <= 0 || (isWhole && !Number.isInteger(value)))
    throw wrong(`--${option} ${text} must be ${isWhole ? "a whole number" : "a number"} above 0`);
  return value;
}

function wrong(reason: string): Error {
  return new Error(`${reason}; see npm run bench -- --help`);
}
