import { type LeasedTable, listParked, replayParked } from "#db/leases.ts";
import type { ParkedMessage, WorkerName } from "#lib/queue/mod.ts";

import type { WorkerContext } from "./context.ts";

type Ports = Pick<WorkerContext, "catalog" | "queue">;

/** A job that waits for a person. */
export interface ParkedJob {
  table: LeasedTable;
  id: string;
  state: string;
  attempts: number;
  /** Where a copy of its message tells it; it is in the log in any case. */
  reason?: string;
}

/** A message without such a job: not understood, or of a job that is no longer parked. */
export interface StrayMessage {
  route: string;
  reason: string;
  parkedAt: string;
  /** What it holds, or how that begins. */
  body: string;
}

export interface Parked {
  jobs: ParkedJob[];
  messages: StrayMessage[];
}

/** A row that waits for purging is a parked `purge`, any other blob a parked `push`. */
const workersOf: Record<LeasedTable, WorkerName[]> = {
  uploads: ["merge", "fetch"],
  blobs: ["push", "purge"],
  copies: ["copy"],
  // The scrub is part of the sweep, and never parked.
  cursors: [],
  videos: ["probe"],
};
const tables: LeasedTable[] = ["uploads", "blobs", "copies", "videos"];
/** Messages that are looked at. */
const limit = 10_000;

/** What was given up on, until someone replays it: the rows, and the messages that stand for none of them. */
export async function listAllParked({ catalog, queue }: Ports): Promise<Parked> {
  const messages = await queue.parked({ limit });
  const jobs: ParkedJob[] = [];
  for (const table of tables) {
    for (const row of await listParked(catalog, table)) jobs.push({ table, ...row, ...reasonFor(messages, table, row.id) });
  }
  const strays = messages.filter((message) => !jobs.some(({ table, id }) => isCopy(message, table, id)));
  return { jobs, messages: strays.map(describe) };
}

function isCopy({ message }: ParkedMessage, table: LeasedTable, id: string): boolean {
  return message !== null && message.id === id && workersOf[table].includes(message.worker);
}

/** The last copy's: a job may have been parked more than once. */
function reasonFor(messages: ParkedMessage[], table: LeasedTable, id: string): { reason?: string } {
  const reason = messages.findLast((message) => isCopy(message, table, id))?.reason;
  return reason === undefined ? {} : { reason };
}

function describe({ route, reason, parkedAt, body }: ParkedMessage): StrayMessage {
  return { route, reason, parkedAt: new Date(parkedAt).toISOString(), body };
}

/** Makes every parked job due again, and publishes every parked message. @returns how many of each. */
export async function replayAllParked({ catalog, queue }: Ports): Promise<{ jobs: number; messages: number }> {
  // The rows first: a message that came before would find nothing to do.
  let jobs = 0;
  for (const table of tables) jobs += await replayParked(catalog, table);
  return { jobs, messages: await queue.replayParked() };
}
