import type { ToolName } from "./load/mod.ts";
import type { Goal, Outcome } from "./result/schema.ts";

export type { Goal, Outcome } from "./result/schema.ts";

/** A row of a scenario's table: the first column says of what. */
export type Row = Outcome["rows"][number];

/** What of a scenario's own way of measuring was asked to be otherwise. */
export interface Wishes {
  tool: ToolName;
  /** A drive that runs already, to be measured instead of those that would be started. */
  target?: string | undefined;
  places?: string[] | undefined;
  connections?: number[] | undefined;
  rounds?: number | undefined;
  seconds?: number | undefined;
  /** Cases whose name holds one of these. */
  only?: string[] | undefined;
}

/** What a scenario runs with. */
export interface Bench {
  /** A temporary folder, removed afterwards. */
  folder: string;
  /** Fewer and smaller runs. */
  quick: boolean;
  wishes: Wishes;
  /** Tells how far it is. */
  log: (line: string) => void;
}

export interface Scenario {
  name: string;
  /** One sentence: what is compared with what. */
  about: string;
  /** Whether it is run only where it is named, for the time that it takes. */
  onlyByName?: boolean;
  /** Bytes of disk that it needs free. */
  diskBytes: number;
  /** Checks that the answers are right, then measures. @throws {Error} when one is not. */
  run(bench: Bench): Promise<Outcome>;
}

/** Whether a figure is as wanted. */
export function isMet({ value, atLeast, atMost }: Goal): boolean {
  return value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
}
