/** What is wanted of a figure, and what it is. */
export interface Goal {
  name: string;
  value: number;
  unit: string;
  /** One of the two. */
  atLeast?: number;
  atMost?: number;
}

/** A row of a scenario's table: the first column says of what. */
export type Row = Record<string, string | number>;

export interface Outcome {
  rows: Row[];
  goals: Goal[];
}

/** What a scenario runs with. */
export interface Bench {
  /** A temporary folder, removed afterwards. */
  folder: string;
  /** Fewer and smaller runs. */
  quick: boolean;
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
