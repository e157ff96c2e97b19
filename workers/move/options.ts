import { parseArgs } from "node:util";

import { AppError } from "#lib/errors/mod.ts";
import { type Condition, parseCondition } from "#lib/placement/mod.ts";

export interface MoveOptions {
  from: string;
  to: string;
  /** Which of the files in `from`. */
  where: Condition | undefined;
  /** Only count. */
  isDryRun: boolean;
  /** Leave the copy in `from`: two from then on. */
  keep: boolean;
  /** Take back what is queued instead of queueing. */
  isStop: boolean;
}

/** @throws {AppError} `invalid-request` that says what is missing or wrong. */
export function parseMoveArgs(args: string[], stores: string[]): MoveOptions {
  const { from, to, where, ...values } = parse(args);
  if (from === undefined || to === undefined) throw wrong("needs --from STORE and --to STORE");
  for (const name of [from, to]) {
    if (!stores.includes(name)) throw wrong(`there is no store "${name}"; there are ${stores.join(", ")}`);
  }
  if (from === to) throw wrong(`--from and --to are both "${from}"`);
  const options = { from, to, isDryRun: values["dry-run"], keep: values.keep, isStop: values.stop };
  return { ...options, where: where === undefined ? undefined : parseCondition(where) };
}

function parse(args: string[]) {
  try {
    const [text, flag] = [{ type: "string" } as const, { type: "boolean", default: false } as const];
    return parseArgs({ args, options: { from: text, to: text, where: text, "dry-run": flag, keep: flag, stop: flag } }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(problem: string): AppError {
  return new AppError("invalid-request", `move: ${problem}`);
}
