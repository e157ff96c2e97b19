/** Something that is not as it must be. */
export interface Finding {
  kind: "lost" | "wrong-size" | "damaged" | "orphan" | "unfinished-puts" | "spool-lost" | "spool-orphan" | "unknown-store";
  store?: string;
  key?: string;
  blobId?: string;
  detail: string;
  /** `done`: put right, or queued to be; `possible`: `--repair` would; `none`: a person has to. */
  repair: "done" | "possible" | "none";
}

/** What a check came to. */
export interface Summary {
  blobs: number;
  objects: number;
  /** Bytes that were read, with `--deep`. */
  bytes: number;
  findings: number;
  repaired: number;
  /** Objects without a row that are too young to be called orphans. */
  young: number;
  /** Objects whose names are none of Sluice's. */
  strangers: number;
  /** What could not be looked at. */
  errors: string[];
}

/** Where a check tells what it finds, as it finds it. */
export interface Report {
  readonly summary: Summary;
  find(finding: Finding): void;
  /** Something could not be looked at; the same text is told once. */
  fail(error: string): void;
}

export function createReport(onFinding: (finding: Finding) => void): Report {
  const summary: Summary = { blobs: 0, objects: 0, bytes: 0, findings: 0, repaired: 0, young: 0, strangers: 0, errors: [] };
  return {
    summary,
    find(finding) {
      summary.findings += 1;
      if (finding.repair === "done") summary.repaired += 1;
      onFinding(finding);
    },
    fail(error) {
      if (!summary.errors.includes(error)) summary.errors.push(error);
    },
  };
}

/** For cron: 0 nothing was found, 1 something was (repaired or not), 2 not everything could be looked at. */
export function exitCodeOf({ findings, errors }: Summary): 0 | 1 | 2 {
  if (errors.length > 0) return 2;
  return findings > 0 ? 1 : 0;
}
