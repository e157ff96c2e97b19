/** One request, without the server that it goes to. */
export interface Shot {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  /** A character for each byte (latin1), so that it goes through JSON as it is. */
  body?: string;
}

/** What a load tool is to do. Any answer of another status than `status` is counted as wrong. */
export interface LoadJob {
  url: string;
  connections: number;
  status: number;
  traffic: Traffic;
}

export type Traffic =
  /** The same request again and again, for some seconds. */
  | { kind: "repeat"; shot: Shot; seconds: number }
  /** Each request once; at least as many as there are connections. */
  | { kind: "each"; shots: Shot[] }
  /**
   * Requests that an answer leads on to: the field `field` of its JSON is the only field of the next request's. As many as
   * there are connections, for some seconds.
   */
  | { kind: "chain"; shots: Shot[]; field: string; seconds: number }
  /** An answer without an end: opened, read until its first bytes, and closed, again and again. */
  | { kind: "stream"; shot: Shot; seconds: number };

/** What came of it. */
export interface LoadResult {
  /** From the first request to the last answer. */
  seconds: number;
  /** Answers of the wanted status. */
  answers: number;
  /** Answers of any other status, broken connections, and time-outs. */
  wrong: number;
  /** What the first of those was. */
  reason: string;
  /** Milliseconds. */
  latency: { p50: number; p975: number; p99: number };
}
