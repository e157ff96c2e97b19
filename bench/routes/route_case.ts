import type { Client } from "../../test/support/client.ts";
import type { Shot } from "../load/load_job.ts";

/** Which of a client's own round trips is the least that a route needs: a read or a write of rows, or a read of Redis. */
export type RoundTrip = "select" | "insert" | "get";

/** One thing that a route is asked, as the bench loads it. Adding one to a list of this folder is all that a new route needs. */
export interface RouteCase {
  /** `METHOD /path/{parameter}`, as in test/acceptance/routes.ts. */
  route: string;
  /** Which of the things that the route can be asked; needed where it has several cases. */
  title?: string;
  roundTrip?: RoundTrip;
  /** Makes what the requests need, for users of its own. */
  seed: (ground: Ground) => Promise<Plan>;
}

/** What a case is seeded on. */
export interface Ground {
  url: string;
  /** A new user, who is deleted afterwards where the drive stays. */
  user: () => Promise<Client>;
  /** Tells of a user whom a request of the case will sign up, with the bench's password. */
  willSignUp: (username: string) => void;
}

/** What is to be sent, and what a right answer is. */
export type Plan = {
  status: number;
  /**
   * Looks at the answer to the first request, and at what it has brought about, before anything is measured.
   *
   * @throws {Error} when it is not right.
   */
  check: (answer: Answered, shot: Shot) => void | Promise<void>;
} & (
  | { kind: "repeat" | "stream"; shot: Shot }
  /** `shots` makes requests that can be sent once, `count` of which make a run long enough. */
  | { kind: "each"; count: number; shots: (count: number) => Promise<Shot[]> }
  /** Requests of which each answer's `field` makes the next. */
  | { kind: "chain"; field: string; shots: (count: number) => Promise<Shot[]> }
);

/** An answer, read to its end; of a stream, to its first bytes. */
export interface Answered {
  status: number;
  headers: Headers;
  body: Uint8Array;
}

/** What a case is called in reports. */
export function nameOf({ route, title }: { route: string; title?: string | undefined }): string {
  return title === undefined ? route : `${route} (${title})`;
}
