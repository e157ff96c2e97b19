/** A piece of a body: text, zeros, or a cut of the pattern sent `times` over. Lengths and offsets in bytes. */
export type Part =
  | { kind: "text"; text: string }
  | { kind: "zeros"; bytes: number }
  | { kind: "cut"; at: number; bytes: number; times: number };

/** One request that the sender is to make. Its length is told by `Content-Length`. */
export interface Outgoing {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Part[];
}

/** Requests that so many connections, opened for the purpose, take from one queue. */
export interface Job {
  connections: number;
  requests: Outgoing[];
}

export interface Answer {
  status: number;
  body: string;
}

/** How it went. Answers stand in the order of the requests. */
export interface JobResult {
  seconds: number;
  /** What it took of the sender's own CPU. */
  cpuSeconds: number;
  answers: Answer[];
}

/** What the sender says of a job. */
export type SenderMessage = { kind: "ready" } | { kind: "done"; result: JobResult } | { kind: "failed"; reason: string };

/** Bytes of a body. */
export function lengthOf(body: Part[]): number {
  return body.reduce((sum, part) => sum + partLength(part), 0);
}

function partLength(part: Part): number {
  if (part.kind === "text") return Buffer.byteLength(part.text);
  return part.kind === "zeros" ? part.bytes : part.bytes * part.times;
}
